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
  /** The place after which to go on. */
  readonly after?: Place | undefined;
  /** The newest place that is meant; without it, those that are appended meanwhile are too. */
  readonly newest?: Place | undefined;
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

/** Where the places stand that are meant, in SQL with its values: `order` comes with each way to them. */
function placesSql({ filter, scope, after, newest }: Sought, order: string): { sql: string; values: unknown[] } {
  const facets = [...facetConditions(filter), ...(scope === undefined ? [] : [scope])];
  const bound = (compare: "<" | "<=", place: Place | undefined): Condition[] =>
    place === undefined
      ? []
      : [
          {
            sql: `(p.at, p.index) ${compare} (($::text[])[1]::timestamptz, ($::text[])[2]::bigint)`,
            value: [place.at, String(place.index)],
          },
        ];
  const places = [
    ...(filter.from === undefined ? [] : [{ sql: "p.at >= $::timestamptz", value: filter.from }]),
    ...(filter.until === undefined ? [] : [{ sql: "p.at < $::timestamptz", value: filter.until }]),
    ...bound("<", after),
    ...bound("<=", newest),
  ];
  const chosen = where(facets);
  const inOrder = where(places, chosen.values.length + 1);
  const values = [...chosen.values, ...inOrder.values];
  if (filter.request !== undefined)
    return {
      sql: `SELECT p.at, p.index FROM datapact.entry e JOIN datapact.entry_place p
        ON p.at = (e.body::jsonb->>'time')::timestamptz AND p.index = e.index JOIN datapact.entry_facet f ON f.id = p.facet
        WHERE e.request = $${values.length + 1} AND ${chosen.sql} AND ${inOrder.sql}`,
      values: [...values, fromHex(filter.request)],
    };
  if (facets.length === 0)
    return { sql: `SELECT at, index FROM datapact.entry_place p WHERE ${inOrder.sql} ${order}`, values };
  return {
    sql: `SELECT p.at, p.index FROM (SELECT id FROM datapact.entry_facet f WHERE ${chosen.sql}) f,
      LATERAL (SELECT at, index FROM datapact.entry_place p WHERE p.facet = f.id AND ${inOrder.sql} ${order}) p`,
    values,
  };
}

/**
 * Finds entries, newest first. It goes through those alone that are meant: through the order of all entries if all are, else through the
 * order of each facet that the filter chooses.
 */
export async function findPlaces(client: pg.ClientBase, sought: Sought, limit: number): Promise<Place[]> {
  if (isElsewhere(sought.filter, sought.here)) return [];
  const order = `ORDER BY at DESC, index DESC LIMIT ${limit}`;
  const { sql, values } = placesSql(sought, order);
  const { rows } = await client.query<{ time: string; index: string }>(
    `SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time, index FROM (${sql}) found ${order}`,
    values,
  );
  return rows.map(({ time, index }) => ({ at: time, index: Number(index) }));
}

/** How many entries are meant. */
export async function countPlaces(client: pg.ClientBase, sought: Sought): Promise<number> {
  if (isElsewhere(sought.filter, sought.here)) return 0;
  const { sql, values } = placesSql(sought, "");
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM (${sql}) found`, values);
  return Number(rows[0]?.count ?? 0);
}
