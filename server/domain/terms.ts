import type { AgreementId, DatasetId, Hash, ParticipantId } from "./ids.ts";

/** Orders of the lists are those of the Solidity enums. */
export const disclosures = ["Aggregate", "Deidentified", "Identified"] as const;
export type Disclosure = (typeof disclosures)[number];

export const assurances = ["Receipt", "Anchored"] as const;
export type Assurance = (typeof assurances)[number];

export const capacities = ["Assigner", "Assignee", "Regulator"] as const;
export type Capacity = (typeof capacities)[number];

/** The terms of an agreement (`IAgreementRegistry.Terms`). Times are unix seconds; `fields` is a bitmap over the dataset's fields. */
export type Terms = {
  readonly assigner: ParticipantId;
  readonly assignee: ParticipantId;
  readonly dataset: DatasetId;
  readonly description: Hash;
  readonly purpose: string;
  readonly fields: bigint;
  readonly rows: string;
  readonly disclosure: Disclosure;
  readonly minCohort: number;
  readonly maxUses: bigint;
  readonly maxRows: bigint;
  readonly validFrom: number;
  readonly validUntil: number;
  readonly assurance: Assurance;
  readonly policy: Hash;
  readonly replaces: AgreementId;
  readonly salt: Hash;
};
