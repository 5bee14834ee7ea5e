import type pg from "pg";
import type { Entry, TrailEntry } from "../domain/entry.ts";
import { readPosition } from "../readmodel/position.ts";
import type { KeepFinding } from "./keepFinding.ts";
import { placeAnew } from "./placeAnew.ts";
import { placeEntries } from "./placeEntries.ts";

const mostAtOnce = 1_000;

/** What is remembered from one step to the next. */
export type IndexMemory = {
  /** Ids of facets. */
  readonly facetIds: Map<string, number>;
  /** Hash of the block up to which all that the chain tells has been used to find entries by. */
  learnt: string | undefined;
};

/** `found` is the signed finding, where the entry is of one. */
type Row = { readonly index: string; readonly body: string; readonly found: string | null };

/**
 * Puts the next entries of the journal where searches and counts find them, all of them or none. It makes nothing that the journal does not
 * hold, and may be made anew from it at any time. Gives up to which index it has come.
 * @param keepFinding Keeps a finding that an entry records.
 */
export async function indexMore(pool: pg.Pool, memory: IndexMemory, keepFinding: KeepFinding): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows: standing } = await client.query<{ size: string }>(
      "SELECT size FROM datapact.entry_indexed FOR UPDATE",
    );
    const start = Number(standing[0]?.size ?? 0);
    // read before entries are placed: what the read model learns meanwhile is looked at the next time
    const position = (await readPosition(client))?.hash;
    const isLearnt = position === memory.learnt || (await placeAnew(client, memory.facetIds));
    const { rows } = await client.query<Row>(
      `SELECT index, body, CASE WHEN starts_with(body, '{"act":"Found"') THEN evidence END AS found
       FROM datapact.entry WHERE index >= $1 ORDER BY index LIMIT ${mostAtOnce}`,
      [start],
    );
    const entries = rows.map(({ index, body }) => ({ index: Number(index), entry: JSON.parse(body) as Entry }));
    await placeEntries(client, entries, memory.facetIds);
    for (const { index, body, found } of rows)
      if (found !== null) await keepFinding(client, Number(index), JSON.parse(body) as TrailEntry, found);
    const size = start + rows.length;
    if (rows.length > 0) await client.query("UPDATE datapact.entry_indexed SET size = $1", [size]);
    await client.query("COMMIT");
    client.release();
    if (isLearnt) memory.learnt = position;
    return size;
  } catch (error) {
    memory.facetIds.clear();
    client.release(true);
    throw error;
  }
}
