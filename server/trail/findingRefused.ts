/** Why a finding is not recorded: HTTP status and sentence of each reason. */
export const findingProblems = {
  FindingSignerMismatch: [403, "The finding was not signed with the key of who is signed in."],
  FindingElsewhere: [400, "The finding is about the log of another gateway."],
  FindingStale: [400, "The finding was signed too long ago, or in the future. Check the clock and sign anew."],
  FindingEntriesInvalid: [400, "Name entries that the log has, in their order and each once."],
  FindingConflict: [409, "The finding has a newer revision than the one that this follows, or is recorded already."],
} as const satisfies Readonly<Record<string, readonly [400 | 403 | 409, string]>>;

/** Thrown when a finding is not recorded. */
export class FindingRefused extends Error {
  override readonly name = "FindingRefused";
  readonly code: keyof typeof findingProblems;
  constructor(code: keyof typeof findingProblems) {
    super(findingProblems[code][1]);
    this.code = code;
  }
}
