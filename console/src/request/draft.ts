import type { Output } from "../../../server/api/routes.ts";
import type { AgreementId, Hash, ParticipantId } from "../../../server/domain/ids.ts";
import type { Assurance, Disclosure } from "../../../server/domain/terms.ts";
import { policyHash, type Terms } from "../chain/terms.ts";
import { zeroId } from "../chain/zeroId.ts";
import { toHex } from "../verifier/bytes.ts";

type Dataset = Output<"dataset">["dataset"];

/** What the form holds. Dates are local days, `yyyy-mm-dd`. */
export type Draft = {
  readonly replaces?: string;
  readonly purpose: string;
  readonly fields: readonly number[];
  readonly disclosure: Disclosure;
  readonly rows?: string;
  readonly minCohort: number;
  readonly maxUses: number;
  readonly maxRows: number;
  readonly from: string;
  readonly until: string;
  readonly assurance: Assurance;
  readonly policy: string;
};

/** The terms that a draft asks for. A period that begins today begins at once, also where the chain's clock is a little behind. */
export function termsOf(draft: Draft, dataset: Dataset, assignee: ParticipantId): Terms {
  const now = Math.floor(Date.now() / 1_000);
  const from = startOf(draft.from);
  return {
    assigner: dataset.holder.id as unknown as ParticipantId,
    assignee,
    dataset: dataset.id,
    description: dataset.descriptionHash,
    purpose: draft.purpose,
    fields: draft.fields.reduce((bitmap, number) => bitmap | (1n << BigInt(number)), 0n).toString(),
    rows: draft.rows?.trim() ?? "",
    disclosure: draft.disclosure,
    minCohort: draft.minCohort,
    maxUses: String(draft.maxUses),
    maxRows: String(draft.maxRows),
    validFrom: from <= now ? now - 60 : from,
    validUntil: startOf(draft.until),
    assurance: draft.assurance,
    policy: policyHash(draft.policy.trim()) as Hash,
    replaces: (draft.replaces ?? zeroId) as AgreementId,
    salt: toHex(crypto.getRandomValues(new Uint8Array(32))) as Hash,
  };
}

function startOf(day: string): number {
  return Math.floor(new Date(`${day}T00:00:00`).getTime() / 1_000);
}

/** A day from today on, as a date field has it. */
export function dayIn(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() + days);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
