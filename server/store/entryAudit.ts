import type pg from "pg";

/**
 * Reads the entries from `start` on again and compares each with its digest of `digests`, which were kept since it was appended. Gives the
 * index of the first that is missing, or whose body or columns are not what the digest stands for; undefined if all are whole.
 */
export type FindDamaged = (start: number, digests: readonly Buffer[]) => Promise<number | undefined>;

type Row = { readonly index: string; readonly digest: Buffer; readonly whole: boolean };

/** Makes the reader. The columns by which uses are counted and requests are found again must stand in the body too. */
export function createEntryAudit(pool: pg.Pool): FindDamaged {
  return async (start, digests) => {
    const { rows } = await pool.query<Row>(
      `SELECT index, digest, sha256(convert_to(body, 'UTF8')) = digest
         AND (request IS NULL OR strpos(body, encode(request, 'hex')) > 0)
         AND (agreement IS NULL OR strpos(body, encode(agreement, 'hex')) > 0)
         AND (lineage IS NULL) = (strpos(body, '"outcome":"Permitted"') = 0) AS whole
       FROM datapact.entry WHERE index >= $1 AND index < $2 ORDER BY index`,
      [start, start + digests.length],
    );
    const isWhole = (digest: Buffer, place: number): boolean => {
      const row = rows[place];
      return row?.whole === true && Number(row.index) === start + place && row.digest.equals(digest);
    };
    const place = digests.findIndex((digest, at) => !isWhole(digest, at));
    return place < 0 ? undefined : start + place;
  };
}
