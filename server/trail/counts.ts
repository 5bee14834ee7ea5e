import type pg from "pg";
import type { z } from "zod";
import type { CountKey, EntryFilter, entryCountQuery, entryCounts } from "../api/entries.ts";
import type { Actor } from "../domain/actor.ts";
import { where } from "../readmodel/page.ts";
import { facetConditions, isElsewhere } from "./findPlaces.ts";
import { type Here, scopeOf } from "./scope.ts";

type Counts = z.output<typeof entryCounts>;
type Asked = z.output<typeof entryCountQuery>;

const usualDays = 30;
const mostDays = 400;

/** Thrown when more days are asked for than are counted at once. */
export class RangeTooLong extends Error {
  override readonly name = "RangeTooLong";
}

const keySql: { readonly [K in CountKey]: string } = {
  none: "NULL::text",
  kind: "f.kind",
  outcome: "f.outcome",
  reason: "f.reason",
  participant: "holder.id",
  agreement: "f.agreement",
  purpose: "f.purpose",
};

/**
 * Counts entries by day. It adds up what was counted when they were indexed and looks at none of them.
 * @param now Unix seconds.
 */
export async function readEntryCounts(
  pool: pg.Pool,
  asked: Asked,
  actor: Actor,
  here: Here,
  now: number,
): Promise<Counts> {
  const dayAgo = (days: number): string => new Date((now - days * 86_400) * 1_000).toISOString().slice(0, 10);
  const { by = "none", until = dayAgo(0), from: given, ...filter } = asked;
  const from = given ?? new Date(Date.parse(until) - (usualDays - 1) * 86_400_000).toISOString().slice(0, 10);
  if ((Date.parse(until) - Date.parse(from)) / 86_400_000 >= mostDays)
    throw new RangeTooLong(`Ask for at most ${mostDays} days.`);
  const scope = scopeOf(actor, here);
  const conditions = [...facetConditions(filter as Partial<EntryFilter>), ...(scope === undefined ? [] : [scope])];
  const chosen = where(conditions, 3);
  const isNowhere = isElsewhere(filter as Partial<EntryFilter>, here);
  const { rows } = await pool.query<Counts["items"][number]>(
    `WITH counted AS (
       SELECT c.day, ${keySql[by]} AS key, sum(c.entries) AS entries
       FROM datapact.entry_count c JOIN datapact.entry_facet f ON f.id = c.facet
       LEFT JOIN LATERAL (SELECT id FROM datapact.participant, jsonb_array_elements(keys) k
         WHERE ${by === "participant"} AND k->>'key' = f.signer LIMIT 1) holder ON true
       WHERE c.day BETWEEN $1 AND $2 AND ${chosen.sql} AND ${!isNowhere} GROUP BY 1, 2)
     SELECT day::text, counted.key, ${by === "participant" ? "p.name" : "NULL"} AS name, entries::float8 AS count
     FROM counted ${by === "participant" ? "LEFT JOIN datapact.participant p ON p.id = counted.key" : ""} ORDER BY day, counted.key`,
    [from, until, ...chosen.values],
  );
  const { rows: standing } = await pool.query<{ size: string }>("SELECT size FROM datapact.entry_indexed");
  return { counted: Number(standing[0]?.size ?? 0), items: rows };
}
