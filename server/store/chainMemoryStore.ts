import type pg from "pg";
import type { Acknowledgement, BlockId, ChainMemory } from "../domain/chainMemory.ts";
import type { Hash, Hex } from "../domain/ids.ts";

/** Keeps a gateway's memory of its chain, and what operators said about it. */
export type ChainMemoryStore = {
  readonly read: () => Promise<ChainMemory | undefined>;
  readonly write: (memory: ChainMemory) => Promise<void>;
  /** The newest word about this block. */
  readonly acknowledgementOf: (before: BlockId) => Promise<Acknowledgement | undefined>;
  readonly acknowledge: (acknowledgement: Acknowledgement) => Promise<void>;
};

type Row = { readonly seen: string; readonly number: string; readonly hash: Hash };
type AcknowledgementRow = { readonly number: string; readonly hash: Hash; readonly signature: Hex };

export function createChainMemoryStore(pool: pg.Pool): ChainMemoryStore {
  return Object.freeze<ChainMemoryStore>({
    read: async () => {
      const { rows } = await pool.query<Row>("SELECT seen, number, hash FROM datapact.chain_memory");
      const row = rows[0];
      return row && { seen: Number(row.seen), settled: { number: Number(row.number), hash: row.hash } };
    },
    write: async ({ seen, settled }) => {
      await pool.query(
        `INSERT INTO datapact.chain_memory (seen, number, hash) VALUES ($1, $2, $3)
         ON CONFLICT (singleton) DO UPDATE SET seen = $1, number = $2, hash = $3`,
        [seen, settled.number, settled.hash],
      );
    },
    acknowledgementOf: async (before) => {
      const { rows } = await pool.query<AcknowledgementRow>(
        `SELECT number, hash, signature FROM datapact.chain_acknowledgement
         WHERE before_number = $1 AND before_hash = $2 ORDER BY position DESC LIMIT 1`,
        [before.number, before.hash],
      );
      const row = rows[0];
      return row && { before, next: { number: Number(row.number), hash: row.hash }, signature: row.signature };
    },
    acknowledge: async ({ before, next, signature }) => {
      await pool.query(
        `INSERT INTO datapact.chain_acknowledgement (before_number, before_hash, number, hash, signature)
         VALUES ($1, $2, $3, $4, $5)`,
        [before.number, before.hash, next.number, next.hash, signature],
      );
    },
  });
}
