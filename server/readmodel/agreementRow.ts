import type { Plain } from "../chain/plainEvent.ts";
import { zeroHash } from "../domain/hash.ts";
import { assurances, type Capacity, capacities, disclosures } from "../domain/terms.ts";
import type { ProjectedEvent } from "./projectedEvent.ts";

/** Who signed in which capacity with which key, and when (unix seconds). */
export type SignatureRow = {
  readonly capacity: Capacity;
  readonly signer: string;
  readonly key: string;
  readonly at: number;
};

/** The terms as they were signed; wide integers are decimal text. */
export type TermsRow = { readonly [name: string]: Plain };

/** What the store keeps of an agreement (`datapact.agreement`). Times are unix seconds. */
export type AgreementRow = {
  readonly id: string;
  readonly block: number;
  readonly log_index: number;
  readonly terms: TermsRow;
  readonly policy: string;
  readonly assigner: string;
  readonly assignee: string;
  readonly dataset: string;
  readonly valid_from: number;
  readonly valid_until: number;
  /** First agreement of the chain of replacements, under which uses are counted. */
  readonly lineage: string;
  readonly signatures: readonly SignatureRow[];
  readonly offered_at: number;
  readonly finalized_at: number | null;
  readonly terminated_at: number | null;
  readonly suspended_by_assigner_at: number | null;
  readonly suspended_by_assignee_at: number | null;
  readonly suspended_by_regulator_at: number | null;
  readonly replaced_by: string | null;
};

type Change = (row: AgreementRow, event: ProjectedEvent) => AgreementRow;

const capacityOf = ({ args }: ProjectedEvent): Capacity => capacities[Number(args.capacity)] ?? "Regulator";

const stops = {
  Assigner: "suspended_by_assigner_at",
  Assignee: "suspended_by_assignee_at",
  Regulator: "suspended_by_regulator_at",
} as const satisfies Readonly<Record<Capacity, keyof AgreementRow>>;

const changes: Readonly<Record<string, Change>> = {
  AgreementSigned: (row, event) => ({ ...row, signatures: [...row.signatures, signatureOf(event)] }),
  AgreementFinalized: (row, { time }) => ({ ...row, finalized_at: time }),
  AgreementSuspended: (row, event) => ({ ...row, [stops[capacityOf(event)]]: event.time }),
  AgreementReinstated: (row, event) => ({ ...row, [stops[capacityOf(event)]]: null }),
  AgreementTerminated: (row, { time }) => ({ ...row, terminated_at: time }),
  AgreementReplaced: (row, { args, time }) => ({ ...row, terminated_at: time, replaced_by: String(args.by) }),
};

function signatureOf(event: ProjectedEvent): SignatureRow {
  const { signer, key } = event.args;
  return { capacity: capacityOf(event), signer: String(signer), key: String(key), at: event.time };
}

/**
 * Folds the events of one agreement, in order, into its row; undefined if it was never offered.
 * @param lineageOf The lineage of an agreement that was offered before.
 */
export function foldAgreement(
  events: readonly ProjectedEvent[],
  lineageOf: (id: string) => string,
): AgreementRow | undefined {
  let row: AgreementRow | undefined;
  for (const event of events) {
    if (event.name === "AgreementOffered") row = offered(event, lineageOf);
    else if (row !== undefined) row = changes[event.name]?.(row, event) ?? row;
  }
  return row;
}

function offered(event: ProjectedEvent, lineageOf: (id: string) => string): AgreementRow {
  const terms = event.args.terms as TermsRow;
  const replaces = String(terms.replaces);
  return {
    id: event.subject,
    block: event.block,
    log_index: event.logIndex,
    terms: {
      ...terms,
      disclosure: disclosures[Number(terms.disclosure)] ?? "Aggregate",
      assurance: assurances[Number(terms.assurance)] ?? "Receipt",
    },
    policy: String(event.args.policy),
    assigner: String(terms.assigner),
    assignee: String(terms.assignee),
    dataset: String(terms.dataset),
    valid_from: Number(terms.validFrom),
    valid_until: Number(terms.validUntil),
    lineage: replaces === zeroHash ? event.subject : lineageOf(replaces),
    signatures: [],
    offered_at: event.time,
    finalized_at: null,
    terminated_at: null,
    suspended_by_assigner_at: null,
    suspended_by_assignee_at: null,
    suspended_by_regulator_at: null,
    replaced_by: null,
  };
}
