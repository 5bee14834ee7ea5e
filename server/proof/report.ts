/** The outcome of one check: `problem` says what is broken; undefined if nothing is. */
export type Link<Name extends string = string> = { readonly check: Name; readonly problem: string | undefined };

/** What came of verifying a receipt, a log or a bundle, for people and for programs alike. */
export type Report = {
  readonly subject: "receipt" | "log" | "bundle" | "checkpoint" | "cose";
  readonly holds: boolean;
  /** The first link that is broken; null if all hold. */
  readonly broken: { readonly check: string; readonly problem: string } | null;
  readonly checks: readonly { readonly check: string; readonly holds: boolean; readonly problem?: string }[];
  /** What was found, by name. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What was not proven here, in sentences: whoever reads the report must take somebody's word for it. */
  readonly claims: readonly string[];
};

/** Makes the report of links in the order in which they hang together. */
export function reportOf(
  subject: Report["subject"],
  links: readonly Link[],
  facts: Report["facts"] = {},
  claims: readonly string[] = [],
): Report {
  const first = links.find(({ problem }) => problem !== undefined);
  return {
    subject,
    holds: first === undefined,
    broken: first?.problem === undefined ? null : { check: first.check, problem: first.problem },
    checks: links.map(({ check, problem }) => ({
      check,
      holds: problem === undefined,
      ...(problem === undefined ? {} : { problem }),
    })),
    facts,
    claims,
  };
}
