import { fromHex, isEqual, toHex } from "./bytes.ts";
import { type Ask, blockOf, contractsAbi, eventsOf, isManifestsChain, type Manifest, quantity, read } from "./chain.ts";
import { growTree } from "./tree.ts";

/**
 * What a whole log amounts to, or at which batch it breaks.
 * `time`: of the block up to which it was read, in Unix seconds. `sought`: the digest at the index that was asked for, if the log reaches it.
 */
export type VerifiedLog =
  | {
      readonly holds: true;
      readonly size: number;
      readonly batches: number;
      readonly block: number;
      readonly time: number;
      readonly sought: string | undefined;
    }
  | { readonly holds: false; readonly start: number };

type Transaction = { readonly to: string; readonly input: string; readonly from: string };

const attempts = 3;
const pauseMs = 500;

/** Whether the chain is the manifest's, and the log of a gateway whole on it. */
export async function verifyLog(ask: Ask, manifest: Manifest, gateway: string): Promise<VerifiedLog> {
  if (!(await isManifestsChain(ask, manifest))) return { holds: false, start: 0 };
  return rebuildLog(ask, manifest, gateway);
}

/**
 * Rebuilds the log of a gateway from the calldata of its batches, and compares every head with the one that the contract told, the last one with
 * the contract's state at the same block. Tries anew if they differ: a node that follows others may answer from an older block than it named.
 */
export async function rebuildLog(
  ask: Ask,
  manifest: Manifest,
  gateway: string,
  index?: number,
  left = attempts,
): Promise<VerifiedLog> {
  const rebuilt = await rebuildOnce(ask, manifest, gateway, index);
  if (rebuilt.holds || left <= 1) return rebuilt;
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return rebuildLog(ask, manifest, gateway, index, left - 1);
}

async function rebuildOnce(ask: Ask, manifest: Manifest, gateway: string, index?: number): Promise<VerifiedLog> {
  const newest = Number(await ask("eth_blockNumber", []));
  const block = await blockOf(ask, newest);
  if (block === undefined) return { holds: false, start: 0 };
  const until = quantity(newest);
  const events = await eventsOf(ask, manifest, "AccessLog", gateway, until);
  const batches = events.filter(({ name }) => name === "EntriesAppended");
  const tree = growTree();
  let sought: string | undefined;
  for (const { args, transaction } of batches) {
    const start = Number(args.start);
    const found = (await ask("eth_getTransactionByHash", [transaction])) as Transaction | null;
    const added = found === null ? undefined : batchOf(found, manifest);
    if (added === undefined || start !== tree.size() || added.start !== start) return { holds: false, start };
    for (const entry of added.entries) {
      if (tree.size() === index) sought = toHex(entry);
      await tree.add(entry);
    }
    const isTold = Number(args.size) === tree.size() && isEqual(await tree.root(), fromHex(String(args.root)));
    if (!isTold) return { holds: false, start };
  }
  const size = tree.size();
  const [log] = await read(ask, manifest, "AccessLog", "log", [gateway], until);
  const isWhole = Number(log.size) === size && (size === 0 || isEqual(await tree.root(), fromHex(String(log.root))));
  if (!isWhole) return { holds: false, start: size };
  return { holds: true, size, batches: batches.length, block: newest, time: block.time, sought };
}

function batchOf({ to, input }: Transaction, { contracts }: Manifest) {
  if (to?.toLowerCase() !== contracts.AccessLog?.address) return undefined;
  try {
    const [start, entries] = contractsAbi.decodeFunctionData("append", input);
    return { start: Number(start), entries: [...entries].map((entry) => fromHex(String(entry))) };
  } catch {
    return undefined;
  }
}
