import type pg from "pg";
import { RangeUnsound } from "../chain/blocks.ts";
import type { ProjectedEvent } from "./projectedEvent.ts";

const creations: Readonly<Record<string, string>> = {
  ParticipantRegistry: "ParticipantAdmitted",
  DatasetRegistry: "DatasetRegistered",
  AgreementRegistry: "AgreementOffered",
};

/**
 * Throws `RangeUnsound` unless these events go on where the stored ones stop: each log's batches begin at its size, each count of uses
 * continues the last one, and nothing happens to what was never created.
 */
export async function requireNoGap(client: pg.ClientBase, events: readonly ProjectedEvent[]): Promise<void> {
  const sizes = await lastOf(client, events, "EntriesAppended", "size");
  const known = await knownSubjects(client, events);
  const uses = await lastUses(client, events);
  const lineages = uses.lineages;
  for (const { contract, name, subject, args } of events) {
    if (name === "EntriesAppended") {
      if (Number(args.start) !== (sizes.get(subject) ?? 0))
        throw new RangeUnsound(
          `the node leaves out entries of ${subject}: ${args.start} follows ${sizes.get(subject) ?? 0}`,
        );
      sizes.set(subject, Number(args.size));
    }
    const creation = creations[contract];
    if (creation === undefined || name === "ApprovalsSet") continue;
    if (name === creation) known.add(subject);
    else if (!known.has(subject))
      throw new RangeUnsound(`the node shows ${name} of ${subject} and left out its beginning`);
    if (name === "AgreementOffered") {
      const { replaces } = args.terms as { replaces: string };
      lineages.set(subject, lineages.get(replaces) ?? subject);
    }
    if (name === "AgreementUsed") {
      const lineage = lineages.get(subject) ?? subject;
      const before = uses.counts.get(lineage) ?? 0n;
      if (before + BigInt(String(args.count)) !== BigInt(String(args.uses)))
        throw new RangeUnsound(`the node leaves out uses of ${subject}: ${args.uses} follows ${before}`);
      uses.counts.set(lineage, BigInt(String(args.uses)));
    }
  }
}

async function lastOf(
  client: pg.ClientBase,
  events: readonly ProjectedEvent[],
  name: string,
  member: string,
): Promise<Map<string, number>> {
  const subjects = new Set(events.filter((event) => event.name === name).map(({ subject }) => subject));
  const { rows } = await client.query<{ subject: string; value: string }>(
    `SELECT s.subject, e.args->>$3 AS value FROM unnest($1::text[]) AS s (subject)
     CROSS JOIN LATERAL (SELECT args FROM datapact.chain_event
       WHERE subject = s.subject AND name = $2 ORDER BY block DESC, log_index DESC LIMIT 1) e`,
    [[...subjects], name, member],
  );
  return new Map(rows.map(({ subject, value }) => [subject, Number(value)]));
}

async function knownSubjects(client: pg.ClientBase, events: readonly ProjectedEvent[]): Promise<Set<string>> {
  const subjects = [...new Set(events.map(({ subject }) => subject))];
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM datapact.participant WHERE id = ANY($1)
     UNION ALL SELECT id FROM datapact.dataset WHERE id = ANY($1)
     UNION ALL SELECT id FROM datapact.agreement WHERE id = ANY($1)`,
    [subjects],
  );
  return new Set(rows.map(({ id }) => id));
}

type Uses = { readonly lineages: Map<string, string>; readonly counts: Map<string, bigint> };

async function lastUses(client: pg.ClientBase, events: readonly ProjectedEvent[]): Promise<Uses> {
  const ids = events.flatMap(({ name, subject, args }) => {
    if (name === "AgreementUsed") return [subject];
    return name === "AgreementOffered" ? [String((args.terms as { replaces: string }).replaces)] : [];
  });
  const { rows } = await client.query<{ id: string; lineage: string; uses: string | null }>(
    `SELECT a.id, a.lineage, ${usesOf("a.lineage")} AS uses FROM datapact.agreement a WHERE a.id = ANY($1)`,
    [[...new Set(ids)]],
  );
  return {
    lineages: new Map(rows.map(({ id, lineage }) => [id, lineage])),
    counts: new Map(rows.map(({ lineage, uses }) => [lineage, BigInt(uses ?? 0)])),
  };
}

/** SQL for the uses metered so far over a chain of replacements: the counter never falls, so the newest of each agreement suffices. */
export function usesOf(lineage: string): string {
  return `(SELECT max(u.uses) FROM datapact.agreement l CROSS JOIN LATERAL (SELECT (args->>'uses')::numeric AS uses
    FROM datapact.chain_event WHERE subject = l.id AND name = 'AgreementUsed' ORDER BY block DESC, log_index DESC LIMIT 1) u
    WHERE l.lineage = ${lineage})`;
}
