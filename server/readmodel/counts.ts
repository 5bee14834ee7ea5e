import type pg from "pg";
import type { z } from "zod";
import type { countsQuery, countsSchema } from "../api/counts.ts";
import { inSnapshot, writeAsOf } from "./page.ts";
import { datasetStatus, statusAt } from "./status.ts";

type Counts = z.output<typeof countsSchema>;

const mostAtOnce = 50_000;
const usualDays = 30;

/**
 * Counts what there is. Entries are counted once each, when they are first asked about, and the counts are kept.
 * @param now Unix seconds.
 */
export async function readCounts(pool: pg.Pool, asked: z.output<typeof countsQuery>, now: number): Promise<Counts> {
  while (await countMore(pool));
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
        `SELECT day::text, outcome, nullif(reason, '') AS reason, entries::float8 AS count FROM datapact.entry_count
         WHERE day BETWEEN $1 AND $2 ORDER BY day, outcome, reason`,
        [from, until],
      ),
    };
  });
}

/** Counts the next entries that are not counted yet; false if there are none. */
async function countMore(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("INSERT INTO datapact.entry_counted (size) VALUES (0) ON CONFLICT DO NOTHING");
    const { rows } = await client.query<{ size: string }>("SELECT size FROM datapact.entry_counted FOR UPDATE");
    const { rowCount: counted } = await client.query(
      `WITH next AS (SELECT index, appended_at, body::jsonb AS body FROM datapact.entry
         WHERE index >= $1 ORDER BY index LIMIT ${mostAtOnce}),
       counts AS (INSERT INTO datapact.entry_count
         SELECT (appended_at AT TIME ZONE 'UTC')::date, body->>'outcome', coalesce(body->>'reason', ''), count(*) FROM next
         GROUP BY 1, 2, 3
         ON CONFLICT (day, outcome, reason) DO UPDATE SET entries = entry_count.entries + excluded.entries)
       UPDATE datapact.entry_counted SET size = (SELECT max(index) + 1 FROM next) WHERE EXISTS (SELECT FROM next)`,
      [rows[0]?.size ?? 0],
    );
    await client.query("COMMIT");
    return counted === 1;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
