import type pg from "pg";
import type { Hash, Hex } from "../domain/ids.ts";
import type { Pending } from "../domain/pending.ts";

/** Keeps the one transaction of an account that is on its way, so that a restart resumes it instead of sending another. */
export type OutboxStore = {
  readonly read: () => Promise<Pending | undefined>;
  readonly write: (pending: Pending) => Promise<void>;
  readonly clear: () => Promise<void>;
};

type Row = {
  readonly nonce: string;
  readonly content: Hash;
  readonly fee: string;
  readonly tip: string;
  readonly raw: Hex;
  readonly hashes: Hash[];
};

export function createOutboxStore(pool: pg.Pool): OutboxStore {
  return Object.freeze<OutboxStore>({
    read: async () => {
      const { rows } = await pool.query<Row>("SELECT nonce, content, fee, tip, raw, hashes FROM datapact.outbox");
      const row = rows[0];
      return row && { ...row, nonce: Number(row.nonce), fee: BigInt(row.fee), tip: BigInt(row.tip) };
    },
    write: async ({ nonce, content, fee, tip, raw, hashes }) => {
      await pool.query(
        `INSERT INTO datapact.outbox (nonce, content, fee, tip, raw, hashes) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (singleton) DO UPDATE SET nonce = $1, content = $2, fee = $3, tip = $4, raw = $5, hashes = $6`,
        [nonce, content, fee, tip, raw, hashes],
      );
    },
    clear: async () => {
      await pool.query("DELETE FROM datapact.outbox");
    },
  });
}
