import type pg from "pg";
import type { z } from "zod";
import type { countsSchema } from "../api/counts.ts";
import { inSnapshot, writeAsOf } from "./page.ts";
import { datasetStatus, statusAt } from "./status.ts";

type Counts = z.output<typeof countsSchema>;

/**
 * Counts what there is on chain.
 * @param now Unix seconds.
 */
export async function readCounts(pool: pg.Pool, now: number): Promise<Counts> {
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
    };
  });
}
