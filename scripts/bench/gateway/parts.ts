/** What can be measured, and what it tells. */
export const parts = {
  decide: "how long a decision takes, warm and under a new block",
  aggregate: "the demo's aggregate, governed against ungoverned",
  append: "entries appended to the journal, and then anchored",
  search: "searches over a thousand to a million entries",
  proofs: "proofs built, verified and served, for a thousand to a million entries",
  logs: "whole logs verified from JSON-RPC alone; the largest has DATAPACT_BENCH_LOG entries (40000 by default)",
  accesses: "accesses with a trivial query, and the gateway's memory",
} as const;
export type Part = keyof typeof parts;

export const help = [
  "usage: npm run -s bench -- [part...]",
  "",
  "Measures the gateway on this machine, load generator included: a table, and in the last line one JSON object.",
  "Without a part it measures all of them:",
  "",
  ...Object.entries(parts).map(([name, told]) => `  ${name.padEnd(10)} ${told}`),
].join("\n");

/** The parts that were asked for; all if none is named. Throws, saying which there are, for an unknown one. */
export function readParts(named: readonly string[]): ReadonlySet<Part> {
  const isPart = (name: string): name is Part => Object.hasOwn(parts, name);
  const unknown = named.find((name) => !isPart(name));
  if (unknown !== undefined) throw new RangeError(`there is no part ${unknown}\n\n${help}`);
  return new Set(named.length === 0 ? (Object.keys(parts) as Part[]) : named.filter(isPart));
}
