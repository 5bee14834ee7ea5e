import { toHex } from "../domain/hash.ts";
import type { Address, Hash, ParticipantId } from "../domain/ids.ts";
import type { ContractName, Manifest } from "../domain/manifest.ts";
import { contractNames } from "../domain/manifest.ts";
import { type AppendCall, readAppendCall } from "./appendCall.ts";
import { actedInBlock, type ParticipantRecord } from "./keyHistory.ts";
import { joinPeaks, type Peak, peaksWithin, rootOfPeaks } from "./peaks.ts";
import { type Link, type Report, reportOf } from "./report.ts";

/** A block as its chain shows it. `time` is unix seconds. */
export type BlockFacts = { readonly number: number; readonly hash: Hash; readonly time: number };

/** What is told to tell one chain and deployment from all others. */
export type ChainIdentity = {
  readonly chainId: number;
  /** The block of the manifest's number; undefined if there is none. */
  readonly firstBlock: Hash | undefined;
  readonly codeHashes: Readonly<Record<ContractName, Hash>>;
};

/** One batch: the event that it emitted, and the transaction that carried it; undefined if the node does not show that. */
export type BatchFacts = {
  readonly start: number;
  readonly size: number;
  readonly root: Hash;
  readonly block: BlockFacts;
  readonly transaction: Hash;
  readonly call:
    | { readonly block: Hash; readonly from: Address; readonly to: Address | null; readonly input: Buffer }
    | undefined;
};

/** All that JSON-RPC tells of one log, gathered by the caller. */
export type LogFacts = {
  readonly manifest: Manifest;
  readonly identity: ChainIdentity;
  readonly gateway: ParticipantId;
  /** The gateway's record; undefined if the chain has none. */
  readonly participant: ParticipantRecord | undefined;
  readonly batches: readonly BatchFacts[];
  /** Up to which block everything was read, and the newest one that the node had. */
  readonly final: BlockFacts;
  readonly newest: BlockFacts;
  /** How many blocks must follow one that counts. */
  readonly depth: number;
  /** What the contract says of the log at the final block. */
  readonly state: { readonly size: number; readonly root: Hash; readonly breachedAt: number };
  /** Of the newest heads, at most 256, oldest first: whether the contract knows them at the final block. */
  readonly ring: readonly { readonly size: number; readonly isHead: boolean }[];
};

export const logChecks = [
  "chain",
  "gateway",
  "finality",
  "order",
  "calldata",
  "keys",
  "heads",
  "state",
  "ring",
  "promises",
] as const;
export type LogCheck = (typeof logChecks)[number];

/** Finds the peaks within a batch; another one may do it elsewhere. */
export type HashBatch = (start: number, digests: Buffer) => readonly Peak[] | Promise<readonly Peak[]>;

/** Heads that the contract keeps. */
export const ringLength = 256;

/**
 * Verifies a whole log by what the chain tells of it: recomputes every head from the digests in calldata, and compares all else. Does no
 * I/O. What is missing is a problem.
 */
export async function verifyLog(facts: LogFacts, hashBatch: HashBatch = peaksWithin): Promise<Report> {
  const calls = facts.batches.map(({ call }) => call && readAppendCall(call.input));
  const found: Record<LogCheck, string | undefined> = {
    chain: identityProblem(facts.manifest, facts.identity),
    gateway: gatewayProblem(facts),
    finality: finalityProblem(facts),
    order: orderProblem(facts),
    calldata: calldataProblem(facts, calls),
    keys: keysProblem(facts),
    heads: await headsProblem(facts, calls, hashBatch),
    state: stateProblem(facts),
    ring: ringProblem(facts),
    promises: facts.state.breachedAt === 0 ? undefined : "the log is stopped: a broken promise is not acknowledged",
  };
  const links = logChecks.map((check): Link<LogCheck> => ({ check, problem: found[check] }));
  const { state, batches, final } = facts;
  return reportOf("log", links, {
    gateway: facts.gateway,
    name: facts.participant?.name ?? "unknown",
    entries: state.size,
    batches: batches.length,
    root: state.root,
    chain: facts.manifest.chainId,
    block: final.number,
    blockHash: final.hash,
  });
}

/** What tells that this is another chain, or other contracts, than the manifest names. */
export function identityProblem(manifest: Manifest, { chainId, firstBlock, codeHashes }: ChainIdentity) {
  if (chainId !== manifest.chainId) return `the chain has id ${chainId}, the manifest ${manifest.chainId}`;
  if (firstBlock !== manifest.blockHash)
    return `the chain is another one with the same id: its block ${manifest.block} is not the manifest's`;
  const other = contractNames.find((name) => codeHashes[name] !== manifest.contracts[name].codeHash);
  return other && `${other} does not run the code that was deployed`;
}

function gatewayProblem({ participant, gateway }: LogFacts): string | undefined {
  if (participant?.id !== gateway) return "the chain has no such participant";
  return participant.hospital === null ? "the participant is no gateway" : undefined;
}

function finalityProblem({ newest, final, depth, batches }: LogFacts): string | undefined {
  const isDeep = final.number === 0 || newest.number - final.number >= depth;
  if (!isDeep) return `block ${final.number} is not followed by ${depth} others`;
  const late = batches.find(({ block }) => block.number > final.number);
  return late && `the batch at ${late.start} stands in a block that is not final`;
}

function orderProblem({ batches }: LogFacts): string | undefined {
  let [size, block] = [0, 0];
  for (const batch of batches) {
    if (batch.start !== size) return `the entries from ${size} to ${batch.start} are not shown`;
    if (batch.size <= batch.start) return `the batch at ${batch.start} has no entries`;
    if (batch.block.number < block) return `the batch at ${batch.start} stands in a block before its predecessor's`;
    [size, block] = [batch.size, batch.block.number];
  }
  return undefined;
}

type Calls = readonly (AppendCall | undefined)[];

function calldataProblem({ batches, manifest }: LogFacts, calls: Calls): string | undefined {
  for (const [i, { start, size, block, call }] of batches.entries()) {
    const told = `the batch at ${start}`;
    if (call === undefined) return `the transaction of ${told} is not shown`;
    if (call.block !== block.hash) return `the transaction of ${told} stands in another block`;
    if (call.to !== manifest.contracts.AccessLog.address) return `the transaction of ${told} does not call the log`;
    const read = calls[i];
    if (read === undefined) return `the calldata of ${told} are no entries`;
    if (read.start !== start || read.digests.length !== (size - start) * 32)
      return `the calldata of ${told} are other entries than the event tells`;
  }
  return undefined;
}

function keysProblem({ batches, participant }: LogFacts): string | undefined {
  const keys = participant?.keys ?? [];
  const foreign = batches.find(({ call, block }) => call === undefined || !actedInBlock(keys, call.from, block.time));
  return foreign && `the batch at ${foreign.start} was sent by a key that did not act for the gateway then`;
}

async function headsProblem({ batches }: LogFacts, calls: Calls, hashBatch: HashBatch): Promise<string | undefined> {
  const hashed = await Promise.all(
    batches.map(({ start }, i) => {
      const digests = calls[i]?.digests;
      return digests === undefined ? undefined : hashBatch(start, digests);
    }),
  );
  let peaks: readonly Peak[] = [];
  for (const [i, { start, size, root }] of batches.entries()) {
    const added = hashed[i];
    if (added === undefined) return `the entries from ${start} on are not known, so no head from there on is verified`;
    peaks = joinPeaks(peaks, added);
    const own = rootOfPeaks(peaks);
    if (own === undefined || toHex(own) !== root)
      return `the entries up to ${size} do not have the root that the contract computed`;
  }
  return undefined;
}

function stateProblem({ batches, state }: LogFacts): string | undefined {
  const last = batches.at(-1);
  if (state.size !== (last?.size ?? 0)) return `the contract has ${state.size} entries, shown are ${last?.size ?? 0}`;
  return last === undefined || state.root === last.root
    ? undefined
    : "the contract's root is not that of its last batch";
}

function ringProblem({ batches, ring }: LogFacts): string | undefined {
  const newest = batches.slice(-ringLength);
  if (ring.length !== newest.length) return "the contract was not asked for each of its newest heads";
  const lost = newest.find(({ size }, i) => ring[i]?.size !== size || !ring[i].isHead);
  return lost && `the contract does not know the head of size ${lost.size}`;
}

/** What is wrong with a log itself; undefined if nothing is. A log that is stopped for a broken promise is still a log, and proves its entries. */
export function defectOf({ checks }: Report): Report["checks"][number] | undefined {
  return checks.find(({ check, holds }) => !holds && check !== "promises");
}
