import type pg from "pg";
import type { EntryItem } from "../api/entries.ts";
import type { Named } from "../api/page.ts";
import type { Journal } from "../journal/journal.ts";
import { toNamed } from "../readmodel/participants.ts";
import { readAppended } from "./readAppended.ts";

type Names = ReadonlyMap<string, Named>;

/**
 * Reads the entries at these indices, in this order. Throws `JournalUnavailable` if a row is not what was appended: what somebody wrote into
 * the store is not shown as an entry.
 * @param anchored How many entries are anchored.
 */
export async function readItems(
  client: pg.ClientBase,
  journal: Pick<Journal, "digests">,
  anchored: number,
  indices: readonly number[],
): Promise<EntryItem[]> {
  const { rows } = await client.query<{ index: string; body: string }>(
    "SELECT index, body FROM datapact.entry WHERE index = ANY($1)",
    [indices],
  );
  const bodies = new Map(rows.map(({ index, body }) => [Number(index), body]));
  const entries = indices.map((index) => [index, readAppended(journal, index, bodies.get(index))] as const);
  const participants = await readParticipants(
    client,
    entries.map(([, { signer }]) => signer),
  );
  const datasets = await readDatasets(
    client,
    entries.flatMap(([, entry]) => (entry.type === "datapact/entry/1" ? [entry.agreement] : [])),
  );
  return entries.map(([index, entry]) => ({
    index,
    state: index < anchored ? "Anchored" : "Appended",
    entry,
    participant: participants.get(entry.signer) ?? null,
    dataset: (entry.type === "datapact/entry/1" && datasets.get(entry.agreement)) || null,
  }));
}

async function readParticipants(client: pg.ClientBase, keys: readonly string[]): Promise<Names> {
  const { rows } = await client.query<{ key: string; id: string; name: string }>(
    `SELECT k->>'key' AS key, id, name FROM datapact.participant, jsonb_array_elements(keys) k
     WHERE k->>'key' = ANY($1)`,
    [[...new Set(keys)]],
  );
  return new Map(rows.map(({ key, id, name }) => [key, toNamed(id, name)]));
}

async function readDatasets(client: pg.ClientBase, agreements: readonly string[]): Promise<Names> {
  const { rows } = await client.query<{ agreement: string; id: string; name: string | null }>(
    `SELECT a.id AS agreement, a.dataset AS id, d.name FROM datapact.agreement a LEFT JOIN datapact.dataset d ON d.id = a.dataset
     WHERE a.id = ANY($1)`,
    [[...new Set(agreements)]],
  );
  return new Map(rows.map(({ agreement, id, name }) => [agreement, toNamed(id, name)]));
}
