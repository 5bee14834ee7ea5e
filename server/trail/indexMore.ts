import type pg from "pg";
import type { Entry, TrailEntry, UsageEntry } from "../domain/entry.ts";
import type { KeepFinding } from "./keepFinding.ts";
import { type Facet, facetOf, type Known } from "./facet.ts";

const mostAtOnce = 1_000;
const facetColumns = ["kind", "act", "outcome", "reason", "signer", "agreement", "purpose"] as const;

/** By how many purposes that no agreement has the uses of one key are found. */
const mostMadeUp = 50;

/** `found` is the signed finding, where the entry is of one. */
type Row = { readonly index: string; readonly body: string; readonly found: string | null };
type Placed = { readonly index: number; readonly entry: Entry; readonly facet: number };

/**
 * Puts the next entries of the journal where searches and counts find them, all of them or none. It makes nothing that the journal does not
 * hold, and may be made anew from it at any time. Gives up to which index it has come.
 * @param keepFinding Keeps a finding that an entry records.
 * @param facetIds What ids are known of facets; those that are learned are added.
 */
export async function indexMore(
  pool: pg.Pool,
  facetIds: Map<string, number>,
  keepFinding: KeepFinding,
): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows: standing } = await client.query<{ size: string }>(
      "SELECT size FROM datapact.entry_indexed FOR UPDATE",
    );
    const start = Number(standing[0]?.size ?? 0);
    const { rows } = await client.query<Row>(
      `SELECT index, body, CASE WHEN starts_with(body, '{"act":"Found"') THEN evidence END AS found
       FROM datapact.entry WHERE index >= $1 ORDER BY index LIMIT ${mostAtOnce}`,
      [start],
    );
    const entries = rows.map(({ index, body }) => ({ index: Number(index), entry: JSON.parse(body) as Entry }));
    await place(client, entries, facetIds);
    for (const { index, body, found } of rows)
      if (found !== null) await keepFinding(client, Number(index), JSON.parse(body) as TrailEntry, found);
    const size = start + rows.length;
    if (rows.length > 0) await client.query("UPDATE datapact.entry_indexed SET size = $1", [size]);
    await client.query("COMMIT");
    client.release();
    return size;
  } catch (error) {
    facetIds.clear();
    client.release(true);
    throw error;
  }
}

async function place(
  client: pg.ClientBase,
  entries: readonly Omit<Placed, "facet">[],
  facetIds: Map<string, number>,
): Promise<void> {
  if (entries.length === 0) return;
  const known = await readKnown(
    client,
    entries.map(({ entry }) => entry).filter((entry) => entry.type === "datapact/entry/1"),
  );
  const facets = entries.map(({ entry }) => facetOf(entry, known));
  await learnIds(client, facets, facetIds);
  const placed = entries.map(
    (found, i): Placed => ({ ...found, facet: facetIds.get(keyOf(facets[i] as Facet)) as number }),
  );
  await client.query(
    `WITH placed AS (INSERT INTO datapact.entry_place (facet, at, index)
       SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::bigint[]) RETURNING facet, at)
     INSERT INTO datapact.entry_count (day, facet, entries)
     SELECT (at AT TIME ZONE 'UTC')::date, facet, count(*) FROM placed GROUP BY 1, 2
     ON CONFLICT (day, facet) DO UPDATE SET entries = entry_count.entries + excluded.entries`,
    [placed.map(({ facet }) => facet), placed.map(({ entry }) => entry.time), placed.map(({ index }) => index)],
  );
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
