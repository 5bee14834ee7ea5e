import { createHash } from "node:crypto";
import pg from "pg";
import { vi } from "vitest";
import { createClient } from "../../server/api/client.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { migrate } from "../../server/store/migrate.ts";
import { createDatabase } from "./postgres.ts";
import type { TestSpace } from "./space.ts";

/** A database of the gateway's shape for one test file. */
export type StoreDatabase = { readonly pool: pg.Pool; readonly drop: () => Promise<void> };

export async function createStoreDatabase(): Promise<StoreDatabase> {
  const database = await createDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options: "-c synchronous_commit=off" });
  pool.on("error", () => undefined);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await migrate(client);
  await client.end();
  return {
    pool,
    drop: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** Waits until a gateway's read model knows the block that is the newest now. */
export async function followed({ founded }: TestSpace, { url }: Gateway): Promise<void> {
  const { number } = await founded.space.readHead();
  const client = createClient(url);
  const isKnown = async (): Promise<boolean> =>
    ((await client.participants({ limit: "1" }).catch(() => undefined))?.asOf.block ?? -1) >= number;
  await vi.waitUntil(isKnown, { timeout: 120_000 });
}

/** What the read model holds, as one digest. */
export async function projectionHash(pool: pg.Pool): Promise<string> {
  const hash = createHash("sha256");
  for (const [table, order] of [
    ["chain_event", "block, log_index"],
    ["participant", "id"],
    ["dataset", "id"],
    ["agreement", "id"],
  ] as const) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT t::text AS row FROM datapact.${table} t ORDER BY ${order}`,
    );
    for (const { row } of rows) hash.update(`${table} ${row}\n`);
  }
  return hash.digest("hex");
}
