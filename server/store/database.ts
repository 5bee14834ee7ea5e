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

/**
 * @param options Settings of each session, as `-c name=value`.
 * @param maxUses After how many statements a connection is replaced; 0 for never.
 */
export function createPool(url: string, applicationName: string, max: number, options = "", maxUses = 0): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    max,
    options,
    keepAlive: true,
    ...(maxUses === 0 ? {} : { maxUses }),
  });
  pool.on("error", () => undefined);
  // one that is lost while somebody holds it without asking shows at the next question, and must not end the process
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
