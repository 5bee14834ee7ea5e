import { readEvents } from "../chain/events.ts";
import type { Space } from "../chain/space.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import { rootFromPath } from "../domain/merkle.ts";
import type { Receipt } from "../domain/receipt.ts";
import { type Checked, verifyReceipt } from "../proof/verifyReceipt.ts";
import { type ChainLog, rebuildLog } from "./chainLog.ts";
import { findChallenges, type Judged } from "./challenges.ts";
import { gatherFacts, inclusionIn } from "./evidence.ts";
import type { Inclusion, Kept, ReceiptStore } from "./receiptStore.ts";

/**
 * How far a receipt has come: promised and not due yet, covered by a head on chain, covered with every link of the evidence in order, or
 * broken. One whose answer was lost can be anchored and never verified, since its result is missing.
 */
export type ReceiptState = "appended" | "anchored" | "verified" | "broken";

export type CheckedReceipt = Kept & {
  readonly state: ReceiptState;
  /** The first link that does not hold, if the receipt is broken. */
  readonly broken: Checked | undefined;
  /** What the receipt proves against its gateway. */
  readonly judged: Judged;
};

/** Asks a gateway for the proof that an entry is anchored; undefined if it gives none. */
export type AskProof = (receipt: Receipt) => Promise<Inclusion | undefined>;

/**
 * Checks all receipts that are kept: finds the proof of each that has none yet, at its gateway if that gives one and else on chain, keeps
 * it, and verifies the whole evidence by it.
 */
export async function checkReceipts(space: Space, store: ReceiptStore, askProof: AskProof): Promise<CheckedReceipt[]> {
  const logs = createLogReader(space);
  const kept = store.kept();
  const found = new Map<Receipt, Found>();
  for (const one of kept) found.set(one.evidence.receipt, await findInclusion(store, logs, askProof, one));
  const judged = await findChallenges(space, [...found.keys()], {
    isProven: (receipt) => found.get(receipt)?.holds === true,
    readLog: logs.log,
  });
  const byReceipt = new Map(judged.map((one) => [one.receipt, one]));
  const checked: CheckedReceipt[] = [];
  for (const one of kept) {
    const { receipt } = one.evidence;
    const own = byReceipt.get(receipt);
    if (own === undefined) throw new Error(`${one.file} was not judged`);
    const links = verifyReceipt(one.evidence, await gatherFacts(space, one.evidence, found.get(receipt)?.proof));
    const state = stateOf(one, own, links);
    const broken = state === "broken" ? links.find(({ problem }) => problem !== undefined) : undefined;
    checked.push({ ...one, broken, judged: own, state });
  }
  return checked;
}

function stateOf({ evidence }: Kept, { challenge }: Judged, checked: readonly Checked[]): ReceiptState {
  const problems = new Set(checked.flatMap(({ check, problem }) => (problem === undefined ? [] : [check])));
  if (challenge !== undefined) return "broken";
  const isAnswerLost = evidence.entry.result !== null && evidence.result === undefined;
  if (isAnswerLost) problems.delete("result");
  const isAnchored = !problems.delete("inclusion");
  if (problems.size > 0) return "broken";
  if (!isAnchored) return "appended";
  return isAnswerLost ? "anchored" : "verified";
}

type Found = { readonly proof: Inclusion | undefined; readonly holds: boolean };

/** A proof counts only under a head that the chain has. */
async function findInclusion(
  store: ReceiptStore,
  logs: LogReader,
  askProof: AskProof,
  { file, evidence }: Kept,
): Promise<Found> {
  const { receipt } = evidence;
  const { heads, size } = await logs.heads(receipt.gateway);
  const holds = (proof: Inclusion | undefined): proof is Inclusion =>
    proof !== undefined && heads.has(`${proof.size} ${proof.root}`) && leadsTo(receipt, proof);
  const saved = store.proofOf(file);
  if (holds(saved)) return { proof: saved, holds: true };
  if (receipt.index >= size) return { proof: undefined, holds: false };
  const told = await askProof(receipt);
  const proof = holds(told) ? told : inclusionIn(await logs.log(receipt.gateway), receipt.index);
  if (holds(proof)) store.keepProof(file, proof);
  return { proof, holds: holds(proof) };
}

function leadsTo({ entry, index }: Receipt, { size, root, path }: Inclusion): boolean {
  const found = rootFromPath(fromHex(entry), index, size, path.map(fromHex));
  return found !== undefined && toHex<Hash>(found) === root;
}

/** All heads that a log had on chain, and the size of the newest. */
type Heads = { readonly heads: ReadonlySet<string>; readonly size: number };

type LogReader = {
  readonly heads: (gateway: ParticipantId) => Promise<Heads>;
  readonly log: (gateway: ParticipantId) => Promise<ChainLog>;
};

/** Reads each log once. */
function createLogReader(space: Space): LogReader {
  const heads = new Map<ParticipantId, Promise<Heads>>();
  const logs = new Map<ParticipantId, Promise<ChainLog>>();
  const readHeads = async (gateway: ParticipantId): Promise<Heads> => {
    const events = await readEvents(space, "AccessLog", gateway);
    const appended = events.filter(({ name }) => name === "EntriesAppended");
    const heads = new Set(appended.map(({ args }) => `${args.size} ${args.root}`));
    return { heads, size: Number(appended.at(-1)?.args.size ?? 0) };
  };
  const once = <T>(known: Map<ParticipantId, Promise<T>>, read: (gateway: ParticipantId) => Promise<T>) => {
    return (gateway: ParticipantId): Promise<T> => {
      const found = known.get(gateway) ?? read(gateway);
      known.set(gateway, found);
      return found;
    };
  };
  return { heads: once(heads, readHeads), log: once(logs, (gateway) => rebuildLog(space, gateway)) };
}
