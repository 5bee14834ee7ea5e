import type pg from "pg";
import { type AgreementRow, foldAgreement } from "./agreementRow.ts";
import { foldDataset } from "./datasetRow.ts";
import { foldParticipant } from "./participantRow.ts";
import type { ProjectedEvent } from "./projectedEvent.ts";

/** What one contract's events are projected into. */
const tables = {
  ParticipantRegistry: "participant",
  DatasetRegistry: "dataset",
  AgreementRegistry: "agreement",
} as const;
type Projected = keyof typeof tables;

/** The ids of each table that some events change. */
export type Touched = Readonly<Record<Projected, ReadonlySet<string>>>;

/** Counters change with every batch of entries and are read from the newest event, so that no row is rewritten for them. */
const counted = "AgreementUsed";

export function touchedBy(events: readonly Pick<ProjectedEvent, "contract" | "name" | "subject">[]): Touched {
  const idsOf = (contract: Projected): ReadonlySet<string> =>
    new Set(
      events.filter((event) => event.contract === contract && event.name !== counted).map((event) => event.subject),
    );
  return {
    ParticipantRegistry: idsOf("ParticipantRegistry"),
    DatasetRegistry: idsOf("DatasetRegistry"),
    AgreementRegistry: idsOf("AgreementRegistry"),
  };
}

/** Makes the rows of these ids anew from the events that the store holds now; takes away rows that no event speaks of. */
export async function project(client: pg.ClientBase, touched: Touched): Promise<void> {
  for (const contract of Object.keys(tables) as Projected[]) {
    const ids = [...touched[contract]];
    if (ids.length === 0) continue;
    const rows = await foldAll(client, contract, ids);
    const table = tables[contract];
    await client.query(`DELETE FROM datapact.${table} WHERE id = ANY($1)`, [ids]);
    await client.query(
      `INSERT INTO datapact.${table} SELECT * FROM jsonb_populate_recordset(NULL::datapact.${table}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  }
}

async function foldAll(client: pg.ClientBase, contract: Projected, ids: readonly string[]): Promise<unknown[]> {
  const { rows } = await client.query<ProjectedEvent>(
    `SELECT e.block::int8::float8 AS block, e.log_index AS "logIndex", e.contract, e.name, e.subject, e.args, e.transaction,
            b.time::float8 AS time
     FROM datapact.chain_event e JOIN datapact.chain_block b ON b.number = e.block
     WHERE e.subject = ANY($1) AND e.contract = $2 AND e.name <> $3 ORDER BY e.block, e.log_index`,
    [ids, contract, counted],
  );
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  const fold = contract === "AgreementRegistry" ? await agreementFolder(client, rows) : folders[contract];
  return [...bySubject.values()].flatMap((events) => fold(events) ?? []);
}

const folders = { ParticipantRegistry: foldParticipant, DatasetRegistry: foldDataset } as const;

/** Knows the lineages of what was replaced: from the store, or from an offer that is folded before. */
async function agreementFolder(client: pg.ClientBase, events: readonly ProjectedEvent[]) {
  const replaced = events.flatMap(({ args }) => (args.terms as { replaces?: string } | undefined)?.replaces ?? []);
  const { rows } = await client.query<{ id: string; lineage: string }>(
    "SELECT id, lineage FROM datapact.agreement WHERE id = ANY($1)",
    [replaced],
  );
  const lineages = new Map(rows.map(({ id, lineage }) => [id, lineage]));
  return (own: readonly ProjectedEvent[]): AgreementRow | undefined => {
    const row = foldAgreement(own, (id) => lineages.get(id) ?? id);
    if (row !== undefined) lineages.set(row.id, row.lineage);
    return row;
  };
}
