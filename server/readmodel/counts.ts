import type pg from "pg";
import type { z } from "zod";
import type { countsQuery, countsSchema } from "../api/counts.ts";
import { inSnapshot, writeAsOf } from "./page.ts";
import { datasetStatus, statusAt } from "./status.ts";

type Counts = z.output<typeof countsSchema>;

const usualDays = 30;

/**
 * Counts what there is. Uses were counted when they were put where searches find them.
 * @param now Unix seconds.
 */
export async function readCounts(pool: pg.Pool, asked: z.output<typeof countsQuery>, now: number): Promise<Counts> {
  const dayAgo = (days: number): string => new Date((now - days * 86_400) * 1_000).toISOString().slice(0, 10);
  const until = asked.until ?? dayAgo(0);
  const from = asked.from ?? dayAgo(usualDays - 1);
  return inSnapshot(pool, async (client, asOf) => {
    const read = async (sql: string, values: readonly unknown[] = []): Promise<never> =>
      (await client.query(sql, [...values])).rows as never;
    return {
      asOf: writeAsOf(asOf) as Counts["asOf"],
      participants: await read(
        "SELECT role, count(*)::int AS count FROM datapact.participant, unnest(roles) AS role GROUP BY role ORDER BY role",
      ),
      datasets: await read(
        `SELECT ${datasetStatus} AS status, count(*)::int AS count FROM datapact.dataset d GROUP BY 1 ORDER BY 1`,
      ),
      agreements: await read(
        `SELECT ${statusAt("$1::bigint")} AS status, count(*)::int AS count FROM datapact.agreement a
         LEFT JOIN datapact.participant r ON r.id = a.assigner LEFT JOIN datapact.participant e ON e.id = a.assignee
         LEFT JOIN datapact.dataset d ON d.id = a.dataset GROUP BY 1 ORDER BY 1`,
        [Math.max(now, asOf.time)],
      ),
      entries: await read(
        `SELECT day::text, outcome, reason, sum(entries)::float8 AS count
         FROM datapact.entry_count c JOIN datapact.entry_facet f ON f.id = c.facet
         WHERE kind = 'Usage' AND day BETWEEN $1 AND $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
        [from, until],
      ),
    };
  });
}
