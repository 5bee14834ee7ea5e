import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { LogHeads } from "./logHeads.ts";
import type { KnownHead } from "./state.ts";

/** A checkpoint that a key of the gateway has signed. */
export type SignedHead = KnownHead & { readonly note: string };

/** What becomes of signed heads: they are the log's own, show a fork, or lie beyond what is final yet. */
export type JudgedHeads = {
  readonly alarms: readonly Alarm[];
  readonly open: readonly SignedHead[];
  readonly forked: readonly SignedHead[];
};

/** Holds signed heads against the log on chain, `size` entries of which are final, and against each other. */
export async function judgeHeads(
  gateway: ParticipantId,
  size: number,
  chain: Pick<LogHeads, "rootAt">,
  heads: readonly SignedHead[],
): Promise<JudgedHeads> {
  const [open, forked]: [SignedHead[], SignedHead[]] = [[], []];
  const roots = Map.groupBy(heads, (head) => head.size);
  for (const [at, own] of roots) {
    if (at === 0) continue;
    const isSplit = new Set(own.map(({ root }) => root)).size > 1;
    const root = at <= size ? await chain.rootAt(at) : undefined;
    if (root === undefined) (isSplit ? forked : open).push(...own);
    else forked.push(...own.filter((head) => head.root !== root));
  }
  const alarms = forked.map((head) =>
    alarm("HeadForked", gateway, `${head.size} ${head.root}`, { size: head.size, root: head.root }),
  );
  return { alarms, open, forked };
}
