import type { Entry } from "../domain/entry.ts";
import type { Address, AgreementId } from "../domain/ids.ts";
import { denialReasons, type Outcome, type Reason } from "../domain/reasons.ts";
import type { TrailAct } from "../domain/trailAct.ts";

export const entryKinds = ["Usage", "Trail"] as const;
export type EntryKind = (typeof entryKinds)[number];

/**
 * What entries are found and counted by. There are few facets and many entries of each, so that any filter is a choice of facets. What a
 * stranger can make up (a key, an agreement, a purpose that the chain does not know) is null, or each of them would be a facet of its own.
 */
export type Facet = {
  readonly kind: EntryKind;
  readonly act: TrailAct | null;
  readonly outcome: Outcome | null;
  readonly reason: Reason | null;
  readonly signer: Address | null;
  readonly agreement: AgreementId | null;
  readonly purpose: string | null;
};

/** Whether the chain knows a key, an agreement, and a purpose of any agreement; or if it is one of few that a known key made up. */
export type Known = {
  readonly signer: (key: Address) => boolean;
  readonly agreement: (id: AgreementId) => boolean;
  readonly purpose: (purpose: string, knownSigner: Address | null) => boolean;
};

/** Whether the policy, or the gateway after it had asked the policy, got past this reason's question. */
function isPast(reason: Reason | null, question: "AgreementUnknown" | "SignerUnknown" | "PurposeMismatch"): boolean {
  if (reason === null || afterPolicy.has(reason)) return true;
  return (denialReasons as readonly Reason[]).indexOf(reason) > denialReasons.indexOf(question);
}

const afterPolicy: ReadonlySet<Reason> = new Set<Reason>([
  "StatementRefused",
  "DisclosureUnsupported",
  "CohortTooSmall",
  "RowLimitExceeded",
  "DatasetUnavailable",
]);

export function facetOf(entry: Entry, known: Known): Facet {
  const none = { act: null, outcome: null, reason: null, agreement: null, purpose: null };
  if (entry.type === "datapact/trail/1") return { ...none, kind: "Trail", act: entry.act, signer: entry.signer };
  const { outcome, reason, agreement, purpose } = entry;
  const signer = isPast(reason, "SignerUnknown") || known.signer(entry.signer) ? entry.signer : null;
  return {
    ...none,
    kind: "Usage",
    outcome,
    reason,
    signer,
    agreement: isPast(reason, "AgreementUnknown") || known.agreement(agreement) ? agreement : null,
    purpose: isPast(reason, "PurposeMismatch") || known.purpose(purpose, signer) ? purpose : null,
  };
}
