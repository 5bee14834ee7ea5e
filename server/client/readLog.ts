import { keccak256 } from "ethers";
import { z } from "zod";
import { readEvents } from "../chain/events.ts";
import { askHead, parseHead } from "../chain/head.ts";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import { fromHex } from "../domain/hash.ts";
import type { Address, Hash, Hex, ParticipantId } from "../domain/ids.ts";
import { contractNames } from "../domain/manifest.ts";
import { readAppendCall } from "../proof/appendCall.ts";
import { type BatchFacts, type BlockFacts, type ChainIdentity, type LogFacts, ringLength } from "../proof/verifyLog.ts";
import { forEachOf } from "./forEachOf.ts";
import { readParticipant } from "./readParticipant.ts";

/** How far a reading has come: `done` of `total` batches. */
export type Progress = (done: number, total: number) => void;

/** A node may show a block before it finds the logs in it: then the contract knows more than the events tell, and it is asked again. */
const mostTries = 4;
const pauseMs = 250;

/**
 * Reads of the chain alone all that `verifyLog` compares.
 * @param depth How many blocks must follow one that counts.
 */
export async function readLog(
  space: Space,
  gateway: ParticipantId,
  depth = 0,
  progress: Progress = () => undefined,
): Promise<LogFacts> {
  for (let tries = 1; ; tries += 1) {
    const facts = await readOnce(space, gateway, depth, progress);
    if (facts.state.size === (facts.batches.at(-1)?.size ?? 0) || tries === mostTries) return facts;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function readOnce(space: Space, gateway: ParticipantId, depth: number, progress: Progress): Promise<LogFacts> {
  const newest = await space.readHead();
  const final = depth === 0 ? newest : await askHead(space.send, Math.max(0, newest.number - depth));
  const [identity, participant, batches, state] = await Promise.all([
    readIdentity(space),
    readParticipant(space, gateway, final),
    readBatches(space, gateway, final, progress),
    space.reader.log(gateway, final.hash),
  ]);
  const ring = await forEachOf(batches.slice(-ringLength), ({ size, root }) =>
    readHeadship(space, gateway, { size, root }, final),
  );
  return { manifest: space.manifest, identity, gateway, participant, batches, final, newest, depth, state, ring };
}

/** Reads what tells this chain and deployment from all others. */
export async function readIdentity({ send, manifest }: Space): Promise<ChainIdentity> {
  const block = await send("eth_getBlockByNumber", [`0x${manifest.block.toString(16)}`, false]);
  const codes = await forEachOf(contractNames, async (name) => {
    const code = await send("eth_getCode", [manifest.contracts[name].address, "latest"]);
    return [name, keccak256(code as string)] as const;
  });
  return {
    chainId: Number(await send("eth_chainId", [])),
    firstBlock: block === null ? undefined : parseHead(block).hash,
    codeHashes: Object.fromEntries(codes) as ChainIdentity["codeHashes"],
  };
}

async function readBatches(space: Space, gateway: ParticipantId, final: BlockFacts, progress: Progress) {
  const events = (await readEvents(space, "AccessLog", gateway, final.number)).filter(
    ({ name }) => name === "EntriesAppended",
  );
  const blocks = new Map<number, Promise<BlockFacts>>();
  const blockOf = (number: number): Promise<BlockFacts> => {
    const found = blocks.get(number) ?? askHead(space.send, number);
    blocks.set(number, found);
    return found;
  };
  let done = 0;
  return forEachOf(events, async ({ args, block, transaction }): Promise<BatchFacts> => {
    const [found, call] = await Promise.all([blockOf(block), readCall(space, transaction)]);
    done += 1;
    progress(done, events.length);
    const [start, size] = [Number(args.start), Number(args.size)];
    return { start, size, root: args.root as Hash, block: found, transaction: transaction as Hash, call };
  });
}

const callSchema = z.object({
  blockHash: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  input: z.string(),
});

async function readCall({ send }: Space, transaction: string): Promise<BatchFacts["call"]> {
  const parsed = callSchema.safeParse(await send("eth_getTransactionByHash", [transaction]));
  if (!parsed.success) return undefined;
  const { blockHash, from, to, input: text } = parsed.data;
  const input = fromHex(text as Hex);
  // reading stops at what is no hex, and a pattern over calldata takes longer than hashing them
  if (!text.startsWith("0x") || input.length * 2 + 2 !== text.length) return undefined;
  const address = (text: string): Address => text.toLowerCase() as Address;
  return {
    block: blockHash as Hash,
    from: address(from),
    to: to === null ? null : address(to),
    input,
  };
}

async function readHeadship(
  { send, manifest }: Space,
  gateway: ParticipantId,
  head: { readonly size: number; readonly root: Hash },
  final: BlockFacts,
) {
  const to = manifest.contracts.AccessLog.address;
  const data = interfaces.AccessLog.encodeFunctionData("isHead", [gateway, head]);
  const answer = await send("eth_call", [{ to, data }, { blockHash: final.hash }]);
  const isHead = interfaces.AccessLog.decodeFunctionResult("isHead", answer as Hex)[0] as boolean;
  return { size: head.size, isHead };
}

/** The digests of all entries of a log that has been verified. */
export function digestsOf(batches: readonly BatchFacts[]): Buffer[] {
  return batches.flatMap(({ call }) => {
    const digests = call && readAppendCall(call.input)?.digests;
    if (digests === undefined) throw new Error("the log was not verified");
    return Array.from({ length: digests.length / 32 }, (_, i) => digests.subarray(i * 32, (i + 1) * 32));
  });
}
