import pg from "pg";

/** Every value as the text that PostgreSQL sends: no identifier and no decimal passes through a floating-point number. */
export const asText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/** After this long without an answer a connection counts as lost. */
export const queryTimeoutMs = 15_000;

/**
 * A client that is not connected yet. Its errors while idle show at the next use.
 * @param patience Whether a connection that gives no answer for long counts as lost, or may take its time.
 */
export function createClient(url: string, applicationName: string, patience: "lost" | "patient" = "lost"): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    ...(patience === "lost" ? { query_timeout: queryTimeoutMs } : {}),
  });
  client.on("error", () => undefined);
  return client;
}

export type PoolOptions = {
  /** Settings of each session, as `-c name=value`. */
  readonly session?: string;
  /** After how many statements a connection is replaced; never if it is not given. */
  readonly maxUses?: number;
  /** Whether a connection that gives no answer for long counts as lost. Cursors tell that themselves. */
  readonly patience?: "lost" | "patient";
};

export function createPool(
  url: string,
  applicationName: string,
  max: number,
  { session = "", maxUses, patience = "lost" }: PoolOptions = {},
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    max,
    options: session,
    keepAlive: true,
    ...(maxUses === undefined ? {} : { maxUses }),
    ...(patience === "lost" ? { query_timeout: queryTimeoutMs } : {}),
  });
  pool.on("error", () => undefined);
  // one that is lost while somebody holds it without asking shows at the next question, and must not end the process
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
