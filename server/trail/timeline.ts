import type pg from "pg";
import type { z } from "zod";
import type { timelineSchema } from "../api/timeline.ts";
import type { Actor } from "../domain/actor.ts";
import type { AgreementId } from "../domain/ids.ts";
import { listFirstEvents } from "../readmodel/events.ts";
import { inSnapshot, writeAsOf } from "../readmodel/page.ts";

type Timeline = z.output<typeof timelineSchema>;

const mostEvents = 1_000;

/** Reads the life of an agreement under this log; undefined unless who asks is a party of it, or a regulator. */
export function readTimeline(pool: pg.Pool, id: AgreementId, actor: Actor): Promise<Timeline | undefined> {
  return inSnapshot(pool, async (client, asOf) => {
    const { rows } = await client.query<{ assigner: string; assignee: string }>(
      "SELECT assigner, assignee FROM datapact.agreement WHERE id = $1",
      [id],
    );
    const [parties] = rows;
    if (parties === undefined) return undefined;
    const isParty = [parties.assigner, parties.assignee].includes(actor.participant);
    if (!isParty && !actor.roles.includes("Regulator")) return undefined;
    const { rows: uses } = await client.query<Timeline["uses"][number]>(
      `SELECT c.day::text, f.outcome, f.reason, sum(c.entries)::float8 AS count
       FROM datapact.entry_count c JOIN datapact.entry_facet f ON f.id = c.facet
       WHERE f.agreement = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      [id],
    );
    const { rows: ends } = await client.query<{ first: Date | null; last: Date | null }>(
      `SELECT min((SELECT min(at) FROM datapact.entry_place WHERE facet = f.id)) AS first,
         max((SELECT max(at) FROM datapact.entry_place WHERE facet = f.id)) AS last
       FROM datapact.entry_facet f WHERE f.agreement = $1 AND f.outcome = 'Permitted'`,
      [id],
    );
    return {
      asOf: writeAsOf(asOf) as Timeline["asOf"],
      events: await listFirstEvents(client, id, "AgreementUsed", mostEvents),
      uses,
      firstUse: ends[0]?.first?.toISOString() ?? null,
      lastUse: ends[0]?.last?.toISOString() ?? null,
    };
  });
}
