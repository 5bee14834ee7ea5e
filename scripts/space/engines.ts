import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { readSecret } from "../../server/gateway/config.ts";
import { type AnvilEngine, embeddedChainId, startAnvil } from "../../server/engines/anvil.ts";
import { startPostgres } from "../../server/engines/postgres.ts";
import { createPutBack } from "../../server/follow/putBack.ts";
import type { Home } from "../../server/home.ts";
import { ensureReader, readerOf, statementTimeoutMs } from "../../server/intake/reader.ts";
import { createClient } from "../../server/store/database.ts";

/** The engines of a space, embedded or named by URL. */
export type Engines = {
  readonly chainUrl: string;
  /** Where the chain tells of new blocks, if it was started here. */
  readonly chainSubscriptionUrl: string | undefined;
  readonly storeUrl: string;
  /** Login that only reads governed views. */
  readonly hospitalUrl: string;
  /** Login that loads datasets. */
  readonly hospitalAdminUrl: string;
  /** Where the embedded PostgreSQL keeps its data, if that is not below the home's folder. */
  readonly dataFolder: string | undefined;
  readonly stop: () => Promise<void>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts what no variable names: `DATAPACT_CHAIN_URL`, `DATAPACT_STORE_URL`, `DATAPACT_HOSPITAL_ADMIN_URL`. */
export async function startEngines(
  home: Home,
  environment: Environment,
  warn: (message: string) => void,
): Promise<Engines> {
  home.make();
  const named = {
    chain: environment.DATAPACT_CHAIN_URL,
    store: environment.DATAPACT_STORE_URL,
    hospital: environment.DATAPACT_HOSPITAL_ADMIN_URL,
  };
  const postgres =
    named.store === undefined || named.hospital === undefined ? await startPostgres(home.folder, warn) : undefined;
  let anvil: AnvilEngine | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([anvil?.stop(), postgres?.stop()]);
  };
  try {
    const storeUrl = named.store ?? (await ensureDatabase(postgres?.url, "datapact"));
    if (named.chain === undefined)
      anvil = await startAnvil(home.folder, warn, createPutBack(storeUrl, embeddedChainId, warn));
    const hospitalAdminUrl = named.hospital ?? (await ensureDatabase(postgres?.url, "hospital"));
    const hospitalUrl = await prepareReader(home, hospitalAdminUrl);
    const dataFolder = postgres?.folder.startsWith(home.folder) === false ? postgres.folder : undefined;
    return Object.freeze<Engines>({
      dataFolder,
      chainUrl: named.chain ?? anvil?.url ?? "",
      chainSubscriptionUrl: anvil?.url.replace(/^http/, "ws"),
      storeUrl,
      hospitalUrl,
      hospitalAdminUrl,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ensureDatabase(url: ((database: string) => string) | undefined, name: string): Promise<string> {
  if (url === undefined) throw new Error("no PostgreSQL was started");
  const client = createClient(url("postgres"), "datapact start");
  await client.connect();
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return url(name);
}

async function prepareReader(home: Home, adminUrl: string): Promise<string> {
  const password = ensureSecret(home.readerPassword);
  const client = createClient(adminUrl, "datapact start");
  await client.connect();
  try {
    await ensureReader(client, { role: readerOf(adminUrl), password, statementTimeoutMs });
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = readerOf(adminUrl);
  url.password = password;
  return url.href;
}

/** Reads the secret in a file; makes it, 32 random bytes in hex, if there is none. */
export function ensureSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  return readSecret(file);
}
