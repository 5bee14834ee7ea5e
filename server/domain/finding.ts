import type { Hash, Hex, ParticipantId } from "./ids.ts";

export const severities = ["Note", "Minor", "Major", "Critical"] as const;
export type Severity = (typeof severities)[number];

/** What became of a finding. Nothing of it is ever taken away: each change is a revision that follows the one before. */
export const findingStates = ["Open", "Explained", "Confirmed", "Closed"] as const;
export type FindingState = (typeof findingStates)[number];

/** One revision of what a regulator finds about entries of one log, as it signs it (EIP-712). `at` is unix seconds. */
export type Finding = {
  readonly gateway: ParticipantId;
  /** The digest of the first revision; zero in the first itself. */
  readonly finding: Hash;
  /** The digest of the revision that this one follows; zero in the first. */
  readonly previous: Hash;
  readonly entries: readonly number[];
  readonly severity: Severity;
  readonly state: FindingState;
  readonly text: string;
  readonly at: number;
  readonly nonce: Hash;
};

export type SignedFinding = { readonly finding: Finding; readonly signature: Hex };
