/**
 * The outcome of one check: `problem` says what is broken; undefined if nothing is. One that could not be looked at, since something before
 * it is broken, is not judged.
 */
export type Link<Name extends string = string> = {
  readonly check: Name;
  readonly problem: string | undefined;
  readonly isJudged?: boolean;
};

/** Findings by name. */
export type Facts = Readonly<Record<string, string | number>>;

/** What came of verifying a receipt, a log or a bundle, for people and for programs alike. */
export type Report = {
  readonly subject: "receipt" | "log" | "bundle" | "checkpoint" | "cose";
  readonly holds: boolean;
  /** The first link that is broken; null if all hold. */
  readonly broken: { readonly check: string; readonly problem: string } | null;
  /** `holds` is null for a check that was not judged. */
  readonly checks: readonly { readonly check: string; readonly holds: boolean | null; readonly problem?: string }[];
  /** What was found; nothing unless all holds. */
  readonly facts: Facts;
  /** What is told of the subject where it does not hold, so that one knows what was looked at: nothing of it was found. */
  readonly told: Facts;
  /** What was not proven here, in sentences: whoever reads the report must take somebody's word for it. Where nothing holds, there are none. */
  readonly claims: readonly string[];
};

/**
 * Makes the report of links in the order in which they hang together.
 * @param told What the subject tells of itself: found if all links hold.
 * @param concluded What follows if all links hold, and is not even told otherwise.
 */
export function reportOf(
  subject: Report["subject"],
  links: readonly Link[],
  told: Facts = {},
  concluded: Facts = {},
  claims: readonly string[] = [],
): Report {
  const first = links.find(({ problem }) => problem !== undefined);
  const holds = first === undefined && links.every(({ isJudged = true }) => isJudged);
  return {
    subject,
    holds,
    broken: first?.problem === undefined ? null : { check: first.check, problem: first.problem },
    checks: links.map(resultOf),
    facts: holds ? { ...told, ...concluded } : {},
    told: holds ? {} : told,
    claims: holds ? claims : [],
  };
}

function resultOf({ check, problem, isJudged = true }: Link): Report["checks"][number] {
  if (problem !== undefined) return { check, holds: false, problem };
  return { check, holds: isJudged ? true : null };
}
