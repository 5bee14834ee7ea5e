import { readEvents } from "../chain/events.ts";
import type { Head } from "../chain/head.ts";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import { LogInconsistent } from "../client/chainLog.ts";
import { openFrontier } from "../domain/frontier.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash, Hex, ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { WatchedLog } from "./state.ts";

/** Thrown when a batch stands on chain whose digests its transaction does not show. */
export class EntriesHidden extends Error {
  override readonly name = "EntriesHidden";
  readonly start: number;
  readonly transaction: string;
  constructor(start: number, transaction: string) {
    super(`transaction ${transaction} anchors entries from ${start} on without showing their digests`);
    this.start = start;
    this.transaction = transaction;
  }
}

/** What following a log brought: the log as it is at the block, and what was wrong on the way. */
export type Followed = { readonly log: WatchedLog; readonly alarms: readonly Alarm[] };

/**
 * Follows a log from where it was left up to a block, and computes its tree anew from the digests in the batches. The head that was the
 * largest before must be one of this tree's: nothing that was anchored may have changed. Throws `LogInconsistent` if what the node shows
 * does not hold together.
 * @param log Where it was left; from its start if the chain has gone back.
 */
export async function followLog(
  space: Space,
  gateway: ParticipantId,
  log: WatchedLog,
  until: Head,
  onProgress: (entries: number) => void = () => undefined,
): Promise<Followed> {
  const frontier = openFrontier(log.size, log.edge.map(fromHex));
  const { largest } = log;
  let isRewritten = false;
  const events =
    until.number > log.block ? await readEvents(space, "AccessLog", gateway, until.number, log.block + 1) : [];
  for (const { name, args, transaction } of events) {
    if (name !== "EntriesAppended") continue;
    if (Number(args.start) !== frontier.size())
      throw new LogInconsistent(`the node leaves out entries from ${frontier.size()} on`);
    for (const digest of await readDigests(space, transaction, frontier.size())) {
      frontier.append(digest);
      if (frontier.size() === largest?.size) isRewritten = toHex(frontier.root()) !== largest.root;
    }
    if (Number(args.size) !== frontier.size() || toHex(frontier.root()) !== args.root)
      throw new LogInconsistent(`the entries up to ${args.size} do not have the root that the contract computed`);
    onProgress(frontier.size());
  }
  const size = frontier.size();
  const root = toHex<Hash>(frontier.root());
  const told = await space.reader.log(gateway, until.hash);
  if (told.size !== size || (size > 0 && told.root !== root))
    throw new LogInconsistent(`the node shows ${size} entries of a log that has ${told.size}`);

  const alarms: Alarm[] = [];
  if (isRewritten && largest !== null)
    alarms.push(alarm("LogRewritten", gateway, largest.size, { root: largest.root }));
  if (largest !== null && largest.size > size) alarms.push(alarm("EntriesLost", gateway, largest.size, { size }));
  if (told.breachedAt !== 0) alarms.push(alarm("LogBreached", gateway, told.breachedAt));
  const isLargest = size > 0 && (largest === null || size >= largest.size);
  const edge = frontier.nodes().map((node) => toHex<Hash>(node));
  return { log: { ...log, block: until.number, size, edge, largest: isLargest ? { size, root } : largest }, alarms };
}

async function readDigests(space: Space, transaction: string, start: number): Promise<Buffer[]> {
  return (await readAppend(space, transaction, start)).entries.map(fromHex);
}

/** What a batch's transaction says: the digests, and how often each agreement was used. */
export type Append = { readonly entries: readonly Hex[]; readonly uses: ReadonlyMap<string, number> };

export async function readAppend(space: Space, transaction: string, start: number): Promise<Append> {
  const found = (await space.send("eth_getTransactionByHash", [transaction])) as {
    input: Hex;
    to: string | null;
  } | null;
  if (found === null) throw new LogInconsistent(`the node does not show transaction ${transaction}`);
  const { address } = space.manifest.contracts.AccessLog;
  const call = interfaces.AccessLog.parseTransaction({ data: found.input });
  if (found.to?.toLowerCase() !== address || call?.name !== "append") throw new EntriesHidden(start, transaction);
  const [, entries, usages] = call.args;
  const counts = (usages as readonly { agreement: string; count: bigint }[]).map(
    ({ agreement, count }) => [agreement, Number(count)] as const,
  );
  return { entries: entries as Hex[], uses: new Map(counts) };
}
