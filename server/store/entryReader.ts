import type pg from "pg";

/** A stored entry as it is read back for answers and proofs. */
export type StoredEntry = { readonly index: number; readonly digest: Buffer; readonly body: string };

/** Reads entries beside the writer. */
export type EntryReader = {
  readonly byRequest: (request: Buffer) => Promise<StoredEntry | undefined>;
  readonly byIndex: (index: number) => Promise<StoredEntry | undefined>;
};

export function createEntryReader(pool: pg.Pool): EntryReader {
  const one = async (where: string, value: unknown): Promise<StoredEntry | undefined> => {
    const { rows } = await pool.query<{ index: string; digest: Buffer; body: string }>(
      `SELECT index, digest, body FROM datapact.entry WHERE ${where} ORDER BY index LIMIT 1`,
      [value],
    );
    const row = rows[0];
    return row && { index: Number(row.index), digest: row.digest, body: row.body };
  };
  return Object.freeze<EntryReader>({
    byRequest: (request) => one("request = $1", request),
    byIndex: (index) => one("index = $1", index),
  });
}
