import type pg from "pg";

/** A stored entry as it is read back for answers and proofs. */
export type StoredEntry = { readonly index: number; readonly body: string };

/** Reads entries beside the writer. */
export type EntryReader = {
  readonly byRequest: (request: Buffer) => Promise<StoredEntry | undefined>;
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
  });
}
