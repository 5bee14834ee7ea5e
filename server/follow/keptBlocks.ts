import type { Hash } from "../domain/ids.ts";
import { createClient, createPool } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";

/** A block with all that it takes to mine it again: its time, unix seconds, and its transactions as they were signed. */
export type KeptBlock = {
  readonly number: number;
  readonly hash: Hash;
  readonly time: number;
  readonly transactions: readonly string[];
};

/** The blocks of the embedded chain, in the store. */
export type KeptBlocks = {
  /** Number of the newest; -1 if none is kept. */
  readonly newest: () => Promise<number>;
  readonly hashOf: (number: number) => Promise<Hash | undefined>;
  /** Those after a number, a few at a time. */
  readonly after: (number: number) => AsyncGenerator<KeptBlock>;
  /** Keeps a block in the place of whatever was kept from its number on. */
  readonly keep: (block: KeptBlock) => Promise<void>;
  readonly close: () => Promise<void>;
};

const mostAtOnce = 100;

/** Opens them. Rejects if the database does not answer. */
export async function openKeptBlocks(storeUrl: string): Promise<KeptBlocks> {
  const client = createClient(storeUrl, "datapact keeper");
  await client.connect();
  await migrate(client).finally(() => client.end());
  const pool = createPool(storeUrl, "datapact keeper", 1);
  return Object.freeze<KeptBlocks>({
    newest: async () => {
      const { rows } = await pool.query<{ newest: string | null }>(
        "SELECT max(number) AS newest FROM datapact.kept_block",
      );
      return Number(rows[0]?.newest ?? -1);
    },
    hashOf: async (number) => {
      const { rows } = await pool.query<{ hash: Hash }>("SELECT hash FROM datapact.kept_block WHERE number = $1", [
        number,
      ]);
      return rows[0]?.hash;
    },
    after: async function* (number) {
      for (let last = number; ; ) {
        const { rows } = await pool.query<{ number: string; hash: Hash; time: string; transactions: string[] }>(
          "SELECT number, hash, time, transactions FROM datapact.kept_block WHERE number > $1 ORDER BY number LIMIT $2",
          [last, mostAtOnce],
        );
        for (const row of rows) yield { ...row, number: Number(row.number), time: Number(row.time) };
        if (rows.length < mostAtOnce) return;
        last = Number(rows.at(-1)?.number);
      }
    },
    keep: async ({ number, hash, time, transactions }) => {
      await pool.query(
        `WITH gone AS (DELETE FROM datapact.kept_block WHERE number > $1)
         INSERT INTO datapact.kept_block (number, hash, time, transactions) VALUES ($1, $2, $3, $4)
         ON CONFLICT (number) DO UPDATE SET hash = excluded.hash, time = excluded.time, transactions = excluded.transactions`,
        [number, hash, time, transactions],
      );
    },
    close: () => pool.end(),
  });
}
