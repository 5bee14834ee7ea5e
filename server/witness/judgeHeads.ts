import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { LogHeads } from "./logHeads.ts";
import type { KnownHead } from "./state.ts";

/**
 * A checkpoint that a key of the gateway has signed. `isOwn` tells that it was held while the key was the gateway's; one that comes up
 * afterwards may be of whoever took the key.
 */
export type SignedHead = KnownHead & { readonly note: string; readonly isOwn: boolean };

/** What becomes of signed heads: they are the log's own, show a fork, or lie beyond what is final yet. */
export type JudgedHeads = {
  readonly alarms: readonly Alarm[];
  readonly open: readonly SignedHead[];
  readonly forked: readonly SignedHead[];
};

/** Holds signed heads against the log on chain, `size` entries of which are final, and the gateway's own against each other. */
export async function judgeHeads(
  gateway: ParticipantId,
  size: number,
  chain: Pick<LogHeads, "rootAt">,
  heads: readonly SignedHead[],
): Promise<JudgedHeads> {
  const [open, forked, disowned]: [SignedHead[], SignedHead[], SignedHead[]] = [[], [], []];
  for (const [at, signed] of Map.groupBy(heads, (head) => head.size)) {
    if (at === 0) continue;
    const root = at <= size ? await chain.rootAt(at) : undefined;
    const own = signed.filter(({ isOwn }) => isOwn);
    const isSplit = new Set(own.map((head) => head.root)).size > 1;
    if (root === undefined) (isSplit ? forked : open).push(...own);
    else {
      forked.push(...own.filter((head) => head.root !== root));
      disowned.push(...signed.filter((head) => !head.isOwn && head.root !== root));
    }
  }
  const tell = (code: "HeadForked" | "HeadDisowned", { size: at, root }: SignedHead): Alarm =>
    alarm(code, gateway, `${at} ${root}`, { size: at, root });
  const alarms = [
    ...forked.map((head) => tell("HeadForked", head)),
    ...disowned.map((head) => tell("HeadDisowned", head)),
  ];
  return { alarms, open, forked };
}
