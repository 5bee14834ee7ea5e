import type pg from "pg";
import { toHex } from "../domain/hash.ts";
import type { Hex } from "../domain/ids.ts";
import type { BatchPromise } from "../domain/receipt.ts";

/** A stored entry as it is read back for answers and proofs. */
export type StoredEntry = { readonly index: number; readonly body: string };

/** What was promised for the batch `[start, start + count)`. */
export type StoredPromise = BatchPromise & { readonly start: number; readonly count: number };

type PromiseRow = {
  readonly start: string;
  readonly count: number;
  readonly issued_at: string;
  readonly deadline: string;
  readonly signature: Buffer;
};

/** Reads entries beside the writer. */
export type EntryReader = {
  readonly byRequest: (request: Buffer) => Promise<StoredEntry | undefined>;
  /** The index of the entry with this digest. */
  readonly indexOf: (digest: Buffer) => Promise<number | undefined>;
  /** The promise that covers an entry; undefined for entries of releases that kept none. */
  readonly promiseOf: (index: number) => Promise<StoredPromise | undefined>;
};

export function createEntryReader(pool: pg.Pool): EntryReader {
  return Object.freeze<EntryReader>({
    byRequest: async (request) => {
      const { rows } = await pool.query<{ index: string; body: string }>(
        "SELECT index, body FROM datapact.entry WHERE request = $1 ORDER BY index LIMIT 1",
        [request],
      );
      const row = rows[0];
      return row && { index: Number(row.index), body: row.body };
    },
    indexOf: async (digest) => {
      const { rows } = await pool.query<{ index: string }>(
        "SELECT index FROM datapact.entry WHERE digest = $1 LIMIT 1",
        [digest],
      );
      return rows[0] && Number(rows[0].index);
    },
    promiseOf: async (index) => {
      const { rows } = await pool.query<PromiseRow>(
        `SELECT start, count, issued_at, deadline, signature FROM datapact.promise
         WHERE start <= $1 ORDER BY start DESC LIMIT 1`,
        [index],
      );
      const [row] = rows;
      if (row === undefined || index >= Number(row.start) + row.count) return undefined;
      return {
        start: Number(row.start),
        count: row.count,
        issuedAt: Number(row.issued_at),
        deadline: Number(row.deadline),
        signature: toHex<Hex>(row.signature),
      };
    },
  });
}
