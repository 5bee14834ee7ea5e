import type pg from "pg";
import type { Entry, UsageEntry } from "../domain/entry.ts";
import { type Facet, facetOf, type Known } from "./facet.ts";

const facetColumns = ["kind", "act", "outcome", "reason", "signer", "agreement", "purpose"] as const;

/** By how many purposes that no agreement has the uses of one key are found. */
const mostMadeUp = 50;

/** An entry and where it stands in the log. */
export type Indexed = { readonly index: number; readonly entry: Entry };

/**
 * Puts entries where searches and counts find them, and notes which keys and agreements that they name the read model does not know yet.
 * @param facetIds What ids are known of facets; those that are learned are added.
 */
export async function placeEntries(
  client: pg.ClientBase,
  entries: readonly Indexed[],
  facetIds: Map<string, number>,
): Promise<void> {
  if (entries.length === 0) return;
  const known = await readKnown(
    client,
    entries.map(({ entry }) => entry).filter((entry) => entry.type === "datapact/entry/1"),
  );
  const facets = entries.map(({ entry }) => facetOf(entry, known));
  await learnIds(client, facets, facetIds);
  const placed = entries.map(({ index, entry }, i) => ({
    index,
    entry,
    facet: facetIds.get(keyOf(facets[i] as Facet)) as number,
  }));
  await client.query(
    `WITH placed AS (INSERT INTO datapact.entry_place (facet, at, index)
       SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::bigint[]) RETURNING facet, at)
     INSERT INTO datapact.entry_count (day, facet, entries)
     SELECT (at AT TIME ZONE 'UTC')::date, facet, count(*) FROM placed GROUP BY 1, 2
     ON CONFLICT (day, facet) DO UPDATE SET entries = entry_count.entries + excluded.entries`,
    [placed.map(({ facet }) => facet), placed.map(({ entry }) => entry.time), placed.map(({ index }) => index)],
  );
  const unknown = entries.flatMap(({ index, entry }, i) =>
    unknownOf(entry, facets[i] as Facet).map((name) => ({ name, index })),
  );
  await client.query(
    "INSERT INTO datapact.entry_unknown (name, index) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING",
    [unknown.map(({ name }) => name), unknown.map(({ index }) => index)],
  );
}

/** The key and the agreement by which an entry is not found, since the chain does not tell of them. */
function unknownOf(entry: Entry, facet: Facet): readonly string[] {
  if (entry.type !== "datapact/entry/1") return [];
  return [...(facet.signer === null ? [entry.signer] : []), ...(facet.agreement === null ? [entry.agreement] : [])];
}

const keyOf = (facet: Facet): string => JSON.stringify(facetColumns.map((column) => facet[column]));

/** Finds the ids of facets; makes those that are new. */
async function learnIds(client: pg.ClientBase, facets: readonly Facet[], ids: Map<string, number>): Promise<void> {
  const missing = new Map(
    facets.map((facet) => [keyOf(facet), facet]).filter(([key]) => !ids.has(key as string)) as [string, Facet][],
  );
  if (missing.size === 0) return;
  const values = facetColumns.map((column) => [...missing.values()].map((facet) => facet[column]));
  const columns = facetColumns.join(", ");
  const given = `unnest(${facetColumns.map((_, at) => `$${at + 1}::text[]`).join(", ")}) AS given (${columns})`;
  await client.query(
    `INSERT INTO datapact.entry_facet (${columns}) SELECT * FROM ${given} ON CONFLICT DO NOTHING`,
    values,
  );
  const same = facetColumns.map((column) => `f.${column} IS NOT DISTINCT FROM given.${column}`).join(" AND ");
  const { rows } = await client.query<Facet & { readonly id: number }>(
    `SELECT f.* FROM datapact.entry_facet f JOIN ${given} ON ${same}`,
    values,
  );
  for (const row of rows) ids.set(keyOf(row), row.id);
}

/** Purposes by which the uses of each of these keys are found already. */
async function readPurposes(client: pg.ClientBase, entries: readonly UsageEntry[]): Promise<Map<string, Set<string>>> {
  const { rows } = await client.query<{ signer: string; purposes: string[] }>(
    `SELECT signer, array_agg(DISTINCT purpose) AS purposes FROM datapact.entry_facet
     WHERE signer = ANY($1) AND purpose IS NOT NULL GROUP BY signer`,
    [[...new Set(entries.map(({ signer }) => signer))]],
  );
  return new Map(rows.map(({ signer, purposes }) => [signer, new Set(purposes)]));
}

/** What the read model knows of the keys, agreements and purposes that some entries name. */
async function readKnown(client: pg.ClientBase, entries: readonly UsageEntry[]): Promise<Known> {
  const read = async (sql: string, values: readonly string[]): Promise<ReadonlySet<string>> => {
    const { rows } = await client.query<{ found: string }>(sql, [[...new Set(values)]]);
    return new Set(rows.map(({ found }) => found));
  };
  const signers = await read(
    "SELECT k->>'key' AS found FROM datapact.participant, jsonb_array_elements(keys) k WHERE k->>'key' = ANY($1)",
    entries.map(({ signer }) => signer),
  );
  const agreements = await read(
    "SELECT id AS found FROM datapact.agreement WHERE id = ANY($1)",
    entries.map(({ agreement }) => agreement),
  );
  const purposes = await read(
    "SELECT DISTINCT terms->>'purpose' AS found FROM datapact.agreement WHERE terms->>'purpose' = ANY($1)",
    entries.map(({ purpose }) => purpose),
  );
  const madeUp = await readPurposes(client, entries);
  return {
    signer: (key) => signers.has(key),
    agreement: (id) => agreements.has(id),
    purpose: (purpose, signer) => {
      if (purposes.has(purpose)) return true;
      const own = signer === null ? undefined : (madeUp.get(signer) ?? new Set<string>());
      if (own === undefined || signer === null) return false;
      if (own.size < mostMadeUp) madeUp.set(signer, own.add(purpose));
      return own.has(purpose);
    },
  };
}
