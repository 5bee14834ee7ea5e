import { type TransactionReceipt, type Wallet, ZeroAddress } from "ethers";
import { encodeCall } from "../chain/encode.ts";
import { interfaces } from "../chain/interfaces.ts";
import { createReceiptCheck } from "../chain/receiptCheck.ts";
import { translateRevert } from "../chain/revert.ts";
import type { Space } from "../chain/space.ts";
import { estimateNow } from "../chain/transact.ts";
import { write } from "../chain/write.ts";
import { toHex } from "../domain/hash.ts";
import type { EntryDigest, Hash, ParticipantId } from "../domain/ids.ts";
import { packedReceipt } from "../domain/packedReceipt.ts";
import type { Receipt } from "../domain/receipt.ts";
import { type ChainLog, LogInconsistent, rebuildLog } from "./chainLog.ts";
import { type Fault, findEquivocations, judgeReceipt, type Verdict } from "./judgeReceipts.ts";

/** That another entry stands at the promised index, in the tree of a head that the log has on chain. */
export type Standing = {
  readonly entry: EntryDigest;
  readonly size: number;
  readonly root: Hash;
  readonly path: readonly Hash[];
};

/** What one transaction proves against a gateway. */
export type Challenge = { readonly receipt: Receipt } & (
  | { readonly fault: "Late" }
  | { readonly fault: "Replaced"; readonly standing: Standing }
  | { readonly fault: "Equivocation"; readonly other: Receipt }
);

/** A receipt, and what it proves; `challenge` is undefined if that is nothing. */
export type Judged = {
  readonly receipt: Receipt;
  readonly verdict: Verdict | "Equivocation";
  readonly challenge: Challenge | undefined;
};

/** A breach as the chain records it. */
export type Breach = {
  readonly gateway: ParticipantId;
  readonly index: number;
  readonly fault: Fault;
  readonly transaction: string;
};

/** What is known already, so that it need not be asked of the chain. */
export type Known = {
  /** Whether a receipt's entry was proven to stand at its index, under a head on chain. */
  readonly isProven: (receipt: Receipt) => boolean;
  readonly readLog: (gateway: ParticipantId) => Promise<ChainLog>;
};

/** Judges receipts of any gateways by their logs on chain, and makes the challenge for each promise that is broken. */
export async function findChallenges(
  space: Space,
  receipts: readonly Receipt[],
  known: Partial<Known> = {},
): Promise<Judged[]> {
  const byGateway = Map.groupBy(receipts, ({ gateway }) => gateway);
  const whole = { isProven: () => false, readLog: (gateway: ParticipantId) => rebuildLog(space, gateway), ...known };
  const judged = await Promise.all([...byGateway].map(([gateway, own]) => judgeGateway(space, gateway, own, whole)));
  return judged.flat();
}

async function judgeGateway(
  space: Space,
  gateway: ParticipantId,
  receipts: readonly Receipt[],
  { isProven, readLog }: Known,
): Promise<Judged[]> {
  const { size } = await space.reader.log(gateway, (await space.readHead()).hash);
  const signed = await signedOnes(space, receipts);
  const isOpen = (receipt: Receipt): boolean => signed.has(receipt) && receipt.index < size && !isProven(receipt);
  // a log is large: it is read only if a receipt has to be held against it
  const log = receipts.some(isOpen) ? await readLog(gateway) : undefined;
  const pairs = findEquivocations(receipts.filter((receipt) => signed.has(receipt)));
  const now = Math.floor(Date.now() / 1_000);
  return receipts.map((receipt) => {
    const other = pairs.find((pair) => pair.includes(receipt))?.find((one) => one !== receipt);
    if (other !== undefined)
      return { receipt, verdict: "Equivocation", challenge: { receipt, fault: "Equivocation", other } };
    const isSigned = signed.has(receipt);
    const standing = isOpen(receipt) ? log && standingAt(log, receipt.index) : undefined;
    const entry = standing?.entry ?? (receipt.index < size ? receipt.entry : undefined);
    const verdict = judgeReceipt(receipt, { isSigned, entry, now });
    return { receipt, verdict, challenge: challengeOf(receipt, verdict, standing) };
  });
}

function challengeOf(receipt: Receipt, verdict: Verdict, standing: Standing | undefined): Challenge | undefined {
  if (verdict === "Late") return { receipt, fault: "Late" };
  if (verdict === "Replaced" && standing !== undefined) return { receipt, fault: "Replaced", standing };
  return undefined;
}

function standingAt({ digests, tree }: ChainLog, index: number): Standing {
  const digest = digests[index];
  if (digest === undefined)
    throw new LogInconsistent(`the node shows ${digests.length} entries, and entry ${index} too`);
  const size = tree.size();
  const path = tree.path(index, size).map((node) => toHex(node));
  return { entry: toHex<EntryDigest>(digest), size, root: toHex(tree.root(size)), path };
}

/** Those that a key of their gateway signed while it acted. */
export async function signedOnes(space: Space, receipts: readonly Receipt[]): Promise<ReadonlySet<Receipt>> {
  const isSigned = createReceiptCheck(space);
  const found = await Promise.all(receipts.map(async (receipt) => ((await isSigned(receipt)) ? [receipt] : [])));
  return new Set(found.flat());
}

/** Asks the contract whether it would take the challenge now. Throws `ContractRefused` if not; sends nothing. */
export async function simulateChallenge(space: Space, challenge: Challenge): Promise<void> {
  const { address } = space.manifest.contracts.AccessLog;
  const { method, args } = callOf(challenge);
  const anybody = { address: ZeroAddress, provider: space.provider };
  await estimateNow(anybody, address, encodeCall("AccessLog", method, args)).catch((error: unknown) => {
    throw translateRevert(error);
  });
}

/** Proves a broken promise on chain, in one transaction; anyone may. Throws `ContractRefused` if it proves nothing. */
export async function fileChallenge(space: Space, sender: Wallet, challenge: Challenge): Promise<Breach> {
  const { method, args } = callOf(challenge);
  return breachIn(await write(space, sender, "AccessLog", method, args));
}

function callOf(challenge: Challenge): { readonly method: string; readonly args: readonly unknown[] } {
  const { receipt } = challenge;
  const own = [receipt.gateway, packedReceipt(receipt)];
  if (challenge.fault === "Late") return { method: "challengeLate", args: own };
  if (challenge.fault === "Equivocation")
    return { method: "challengeEquivocation", args: [...own, packedReceipt(challenge.other)] };
  const { entry, size, root, path } = challenge.standing;
  return { method: "challengeReplaced", args: [...own, { size, root }, entry, path] };
}

const faults: readonly Fault[] = ["Late", "Replaced", "Equivocation"];

function breachIn({ logs, hash }: TransactionReceipt): Breach {
  for (const log of logs) {
    const event = interfaces.AccessLog.parseLog(log);
    const fault = faults[Number(event?.args.fault)];
    if (event?.name === "PromiseBroken" && fault !== undefined)
      return { gateway: event.args.gateway, index: Number(event.args.index), fault, transaction: hash };
  }
  throw new Error(`transaction ${hash} was mined and records no breach`);
}
