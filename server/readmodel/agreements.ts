import type pg from "pg";
import type { z } from "zod";
import type { agreementPage, agreementQuery, agreementSchema, agreementSummary } from "../api/agreements.ts";
import { type Description, numberFields } from "../domain/dataset.ts";
import type { Status } from "../domain/status.ts";
import { type Capacity, capacities } from "../domain/terms.ts";
import type { AgreementRow } from "./agreementRow.ts";
import { readDescription } from "./datasetRow.ts";
import { usesOf } from "./gaps.ts";
import { equals, holdsText, inSnapshot, readPage, writeAsOf } from "./page.ts";
import { toNamed } from "./participants.ts";
import { statusAt } from "./status.ts";
import { toTime, toTimeOrNull } from "./time.ts";

type Row = Omit<AgreementRow, "block"> & {
  readonly block: string;
  readonly status: Exclude<Status, "Unknown">;
  readonly uses: string | null;
  readonly assigner_name: string | null;
  readonly assignee_name: string | null;
  readonly dataset_name: string | null;
  readonly approvals: number;
};
type Summary = z.output<typeof agreementSummary>;
type Detail = z.output<typeof agreementSchema>;

/** How many regulators must sign. */
const approvals = `greatest((d.rules->>'approvals')::int, (SELECT (args->>'approvals')::int FROM datapact.chain_event
      WHERE name = 'ApprovalsSet' ORDER BY block DESC, log_index DESC LIMIT 1))`;

/** `$1` is the time at which the status is asked, unix seconds. */
const select = `SELECT a.*, ${statusAt("$1::bigint")} AS status, ${usesOf("a.lineage")}::text AS uses,
    r.name AS assigner_name, e.name AS assignee_name, d.name AS dataset_name,
    ${approvals} AS approvals
  FROM datapact.agreement a LEFT JOIN datapact.participant r ON r.id = a.assigner
  LEFT JOIN datapact.participant e ON e.id = a.assignee LEFT JOIN datapact.dataset d ON d.id = a.dataset`;

/**
 * Lists agreements, newest offer first.
 * @param now Unix seconds; the status is that of this time, or of the newest block's if that is later.
 */
export function listAgreements(
  pool: pg.Pool,
  asked: z.output<typeof agreementQuery>,
  now: number,
): Promise<z.output<typeof agreementPage>> {
  return inSnapshot(pool, (client, asOf) => {
    const status = statusAt("$1::bigint").replaceAll("$1", `${Math.max(now, asOf.time)}`);
    return readPage<Row, Summary>(client, asOf, asked, {
      select,
      values: [Math.max(now, asOf.time)],
      alias: "a",
      order: "DESC",
      conditions: [
        equals(status, asked.status),
        equals("a.dataset", asked.dataset),
        asked.party === undefined ? undefined : { sql: "a.assigner = $ OR a.assignee = $", value: asked.party },
        asked.waitsFor === undefined ? undefined : { sql: waitsFor(status), value: asked.waitsFor },
        holdsText(["r.name", "e.name", "d.name", "a.terms->>'purpose'", "a.policy", "a.id"], asked.text),
      ],
      toItem: toSummary,
    });
  });
}

/** SQL for whether an offer lacks the signature of the participant `$`. */
const waitsFor = (status: string): string => {
  const signed = (capacity: Capacity): string => `a.signatures @> '[{"capacity": "${capacity}"}]'`;
  const isRegulator = `EXISTS (SELECT FROM datapact.participant p
    WHERE p.id = $ AND p.suspended_at IS NULL AND 'Regulator' = ANY(p.roles))`;
  const approvalsGiven = `(SELECT count(*) FROM jsonb_array_elements(a.signatures) s WHERE s->>'capacity' = 'Regulator')`;
  const hasApproved = `a.signatures @> jsonb_build_array(jsonb_build_object('capacity', 'Regulator', 'signer', $::text))`;
  return `${status} = 'Offered' AND (
    (a.assigner = $ AND NOT ${signed("Assigner")}) OR (a.assignee = $ AND NOT ${signed("Assignee")})
    OR (${isRegulator} AND NOT ${hasApproved} AND ${approvalsGiven} < ${approvals}))`;
};

/** Reads one agreement with all its terms; undefined if the chain knows none. */
export function readAgreement(pool: pg.Pool, id: string, now: number) {
  return inSnapshot(pool, async (client, asOf) => {
    const { rows } = await client.query<Row>(`${select} WHERE a.id = $2`, [Math.max(now, asOf.time), id]);
    const [row] = rows;
    if (row === undefined) return undefined;
    const description = await agreedDescription(client, row);
    const names = await namesOf(
      client,
      row.signatures.map(({ signer }) => signer),
    );
    return { asOf: writeAsOf(asOf), agreement: toDetail(row, description, names) };
  });
}

/** The description that was agreed on, which the dataset may have replaced since. */
async function agreedDescription(client: pg.ClientBase, { dataset, terms }: Row): Promise<Description | undefined> {
  const { rows } = await client.query<{ description: Parameters<typeof readDescription>[0] }>(
    `SELECT args->'description' AS description FROM datapact.chain_event
     WHERE subject = $1 AND name IN ('DatasetRegistered', 'DatasetUpdated') AND args->>'descriptionHash' = $2 LIMIT 1`,
    [dataset, terms.description],
  );
  return rows[0] && readDescription(rows[0].description);
}

async function namesOf(client: pg.ClientBase, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; name: string }>(
    "SELECT id, name FROM datapact.participant WHERE id = ANY($1)",
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function toSummary(row: Row): Summary {
  const { id, status, terms } = row;
  return {
    id,
    status,
    assigner: toNamed(row.assigner, row.assigner_name),
    assignee: toNamed(row.assignee, row.assignee_name),
    dataset: toNamed(row.dataset, row.dataset_name),
    purpose: terms.purpose,
    disclosure: terms.disclosure,
    minCohort: terms.minCohort,
    uses: row.uses ?? "0",
    maxUses: terms.maxUses,
    validFrom: toTime(row.valid_from),
    validUntil: toTime(row.valid_until),
    offeredAt: toTime(row.offered_at),
    finalizedAt: toTimeOrNull(row.finalized_at),
    pending: pendingOf(row),
  } as Summary;
}

/** Who must still sign; nobody once the agreement was finalized or has ended. */
function pendingOf(row: Row): Summary["pending"] {
  if (row.finalized_at !== null || row.terminated_at !== null) return [];
  const hasSigned = (capacity: Capacity): boolean =>
    row.signatures.some((signature) => signature.capacity === capacity);
  const parties = {
    Assigner: toNamed(row.assigner, row.assigner_name),
    Assignee: toNamed(row.assignee, row.assignee_name),
  };
  const missing = (["Assigner", "Assignee"] as const)
    .filter((capacity) => !hasSigned(capacity))
    .map((capacity) => ({ capacity, signer: parties[capacity] }));
  const approvals = row.approvals - row.signatures.filter(({ capacity }) => capacity === "Regulator").length;
  return approvals > 0 ? [...missing, { capacity: "Regulator", approvals }] : missing;
}

function toDetail(row: Row, description: Description | undefined, names: ReadonlyMap<string, string>): Detail {
  const licensed = BigInt(String(row.terms.fields));
  const stops = {
    Assigner: row.suspended_by_assigner_at,
    Assignee: row.suspended_by_assignee_at,
    Regulator: row.suspended_by_regulator_at,
  };
  return {
    ...toSummary(row),
    terms: row.terms,
    policy: row.policy,
    fields:
      description === undefined
        ? null
        : numberFields(description).filter(({ number }) => (licensed >> BigInt(number)) % 2n === 1n),
    lineage: row.lineage,
    replacedBy: row.replaced_by,
    signatures: row.signatures.map(({ signer, at, ...signature }) => ({
      ...signature,
      signer: toNamed(signer, names.get(signer) ?? null),
      at: toTime(at),
    })),
    suspensions: capacities.flatMap((capacity) => {
      const since = stops[capacity];
      return since === null ? [] : [{ capacity, since: toTime(since) }];
    }),
    terminatedAt: toTimeOrNull(row.terminated_at),
  } as Detail;
}
