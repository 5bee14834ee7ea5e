import { setTimeout as sleep } from "node:timers/promises";
import { readEvents } from "../chain/events.ts";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hex, ParticipantId } from "../domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../domain/merkle.ts";

/** Thrown when what the node shows of a log does not hold together. */
export class LogInconsistent extends Error {
  override readonly name = "LogInconsistent";
}

/** A log as the chain alone tells it. */
export type ChainLog = { readonly tree: MerkleTree; readonly digests: readonly Buffer[] };

/**
 * Rebuilds a gateway's log from the chain alone: the digests stand in the calldata of its batches, and the root after each batch must
 * be the one that the contract computed. Throws `LogInconsistent` at the first that is not, and at any gap.
 */
export async function rebuildLog(space: Space, gateway: ParticipantId): Promise<ChainLog> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await rebuildOnce(space, gateway);
    } catch (error) {
      if (!(error instanceof LogInconsistent) || tries === mostTries) throw error;
      await sleep(pauseMs);
    }
  }
}

/** A node may show a block before it finds the logs in it. */
const mostTries = 4;
const pauseMs = 250;

async function rebuildOnce(space: Space, gateway: ParticipantId): Promise<ChainLog> {
  const head = await space.readHead();
  const { size, root } = await space.reader.log(gateway, head.hash);
  const tree = createMerkleTree();
  const digests: Buffer[] = [];
  for (const { name, args, transaction } of await readEvents(space, "AccessLog", gateway, head.number)) {
    if (name !== "EntriesAppended") continue;
    if (Number(args.start) !== tree.size())
      throw new LogInconsistent(`the node leaves out entries from ${tree.size()} on`);
    const batch = await readBatch(space, transaction);
    digests.push(...batch);
    tree.append(batch);
    const same = Number(args.size) === tree.size() && toHex(tree.root(tree.size())) === args.root;
    if (!same)
      throw new LogInconsistent(`the entries up to ${args.size} do not have the root that the contract computed`);
  }
  const isWhole = size === tree.size() && (size === 0 || toHex(tree.root(size)) === root);
  if (!isWhole) throw new LogInconsistent(`the node shows ${tree.size()} entries of a log that has ${size}`);
  return { tree, digests };
}

async function readBatch(space: Space, transaction: string): Promise<Buffer[]> {
  const found = (await space.send("eth_getTransactionByHash", [transaction])) as { input: Hex } | null;
  if (found === null) throw new LogInconsistent(`the node does not show transaction ${transaction}`);
  const [, entries] = interfaces.AccessLog.decodeFunctionData("append", found.input);
  return (entries as readonly Hex[]).map(fromHex);
}
