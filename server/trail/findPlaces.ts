import type pg from "pg";
import type { EntryFilter } from "../api/entries.ts";
import { fromHex } from "../domain/hash.ts";
import { type Condition, equals, where } from "../readmodel/page.ts";
import { type Here, keysOf } from "./scope.ts";

/** Where an entry stands in the order of searches: its time, RFC 3339 with milliseconds, and its index. */
export type Place = { readonly at: string; readonly index: number };

export type Sought = {
  readonly filter: EntryFilter;
  /** What confines the asker; undefined if nothing does. */
  readonly scope: Condition | undefined;
  readonly here: Here;
  /** The place after which to go on, and how many to find. */
  readonly after?: Place | undefined;
  readonly limit: number;
};

/** Conditions of a filter on facets `f`. */
export function facetConditions(filter: Partial<EntryFilter>): readonly Condition[] {
  const { participant, dataset } = filter;
  return [
    equals("f.kind", filter.kind),
    equals("f.act", filter.act),
    equals("f.outcome", filter.outcome),
    equals("f.reason", filter.reason),
    equals("f.agreement", filter.agreement),
    equals("f.purpose", filter.purpose),
    participant === undefined ? undefined : { sql: `f.signer IN (${keysOf})`, value: participant },
    dataset === undefined
      ? undefined
      : { sql: "f.agreement IN (SELECT id FROM datapact.agreement WHERE dataset = $)", value: dataset },
  ].filter((condition) => condition !== undefined);
}

/** Whether a filter asks for another log than the one that is here. */
export function isElsewhere({ hospital, gateway }: Partial<EntryFilter>, here: Here): boolean {
  return (hospital ?? here.hospital) !== here.hospital || (gateway ?? here.gateway) !== here.gateway;
}

/**
 * Finds entries, newest first. It goes through those alone that are meant: through the order of all entries if all are, else through the
 * order of each facet that the filter chooses.
 */
export async function findPlaces(
  client: pg.ClientBase,
  { filter, scope, here, after, limit }: Sought,
): Promise<Place[]> {
  if (isElsewhere(filter, here)) return [];
  const facets = [...facetConditions(filter), ...(scope === undefined ? [] : [scope])];
  const places = [
    ...(filter.from === undefined ? [] : [{ sql: "p.at >= $::timestamptz", value: filter.from }]),
    ...(filter.until === undefined ? [] : [{ sql: "p.at < $::timestamptz", value: filter.until }]),
    ...(after === undefined
      ? []
      : [
          {
            sql: "(p.at, p.index) < (($::text[])[1]::timestamptz, ($::text[])[2]::bigint)",
            value: [after.at, String(after.index)],
          },
        ]),
  ];
  const chosen = where(facets);
  const inOrder = where(places, chosen.values.length + 1);
  const order = `ORDER BY at DESC, index DESC LIMIT ${limit}`;
  const values = [...chosen.values, ...inOrder.values];
  if (filter.request !== undefined) {
    values.push(fromHex(filter.request));
    const order = `ORDER BY p.at DESC, p.index DESC LIMIT ${limit}`;
    return read(
      client,
      `SELECT p.at, p.index FROM datapact.entry e JOIN datapact.entry_place p
       ON p.at = (e.body::jsonb->>'time')::timestamptz AND p.index = e.index JOIN datapact.entry_facet f ON f.id = p.facet
       WHERE e.request = $${values.length} AND ${chosen.sql} AND ${inOrder.sql} ${order}`,
      values,
    );
  }
  if (facets.length === 0)
    return read(client, `SELECT at, index FROM datapact.entry_place p WHERE ${inOrder.sql} ${order}`, values);
  return read(
    client,
    `SELECT p.at, p.index FROM (SELECT id FROM datapact.entry_facet f WHERE ${chosen.sql}) f,
     LATERAL (SELECT at, index FROM datapact.entry_place p WHERE p.facet = f.id AND ${inOrder.sql} ${order}) p ${order}`,
    values,
  );
}

async function read(client: pg.ClientBase, sql: string, values: readonly unknown[]): Promise<Place[]> {
  const { rows } = await client.query<{ time: string; index: string }>(
    `SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time, index FROM (${sql}) found
     ORDER BY at DESC, index DESC`,
    [...values],
  );
  return rows.map(({ time, index }) => ({ at: time, index: Number(index) }));
}
