import { readRawTransaction } from "../chain/rawTransaction.ts";
import type { Space } from "../chain/space.ts";
import { canonicalBytes, entryDigest } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { AgreementId, EntryDigest, Hash, ParticipantId } from "../domain/ids.ts";
import type { MerkleTree } from "../domain/merkle.ts";
import type {
  BundleAgreement,
  BundleEntry,
  BundleHead,
  BundleHeader,
  BundleLine,
  BundleParticipant,
} from "../proof/bundle.ts";
import { heightsOf } from "../proof/peaks.ts";
import { type BatchFacts, type BlockFacts, defectOf, type LogFacts, verifyLog } from "../proof/verifyLog.ts";
import { LogInconsistent, treeOf } from "./chainLog.ts";
import { readBundleAgreement } from "./readBundleAgreement.ts";
import { readParticipant } from "./readParticipant.ts";
import type { Period } from "./readPeriod.ts";

/** An entry that goes into a bundle. */
export type EntryForBundle = Omit<BundleEntry, "type" | "path">;

/** What a bundle is made of. `entries` is gone through twice, each time in the order of the indices. */
export type BundleParts = {
  readonly gateway: ParticipantId;
  readonly entries: () => Iterable<EntryForBundle> | AsyncIterable<EntryForBundle>;
  /** Whether they are meant to be all entries from the first to the last. */
  readonly isRange: boolean;
  /** The log as `readLog` has read it. */
  readonly log: LogFacts;
  /** The period of which they are all entries, if they are meant to. */
  readonly period?: Period;
};

/** Thrown when entries cannot be proven by the chain; says which. */
export class BundleImpossible extends Error {
  override readonly name = "BundleImpossible";
}

/**
 * Makes a bundle of entries, from the chain alone, up to the signatures: yields its lines. The same chain and entries give the same bytes.
 * Throws `BundleImpossible` if an entry is not anchored or not the one that was, `LogInconsistent` if the log does not hold.
 */
export async function* makeBundle(space: Space, parts: BundleParts): AsyncGenerator<Buffer> {
  const facts = parts.log;
  const broken = defectOf(await verifyLog(facts));
  if (broken !== undefined) throw new LogInconsistent(broken.problem);
  const { tree, digests } = treeOf(facts);
  const found = await lookThrough(parts, digests);
  // of a period without entries the newest head tells that it has none
  const head =
    found.count === 0 && parts.isRange ? facts.batches.at(-1) : facts.batches.find(({ size }) => found.last < size);
  if (head === undefined) throw new BundleImpossible("the log has no entries yet");

  yield line(await headerOf(space, parts.gateway, head, tree, facts.final));
  const agreements = await readAll([...found.agreements].sort(), (id) => readBundleAgreement(space, id, facts.final));
  const ids = new Set([parts.gateway, ...found.actors, ...agreements.flatMap(partiesOf)]);
  if (facts.participant?.hospital != null) ids.add(facts.participant.hospital);
  for (const record of await readAll([...ids].sort(), (id) => readParticipant(space, id, facts.final)))
    yield line({ type: "participant", ...record } satisfies BundleParticipant);
  for (const agreement of agreements) yield line(agreement);
  const from = found.count === 0 ? head.size : found.first;
  // the head before a period shows that it begins with the first
  const isNamed = ({ start, size }: BatchFacts): boolean =>
    found.batches.has(start) || (parts.period !== undefined && size === from && size < head.size);
  for (const batch of facts.batches.filter(isNamed)) yield line(headOf(batch, head.size, tree));
  for await (const entry of parts.entries()) {
    const path = tree.path(entry.index, head.size).map((node) => toHex<Hash>(node));
    yield line({ type: "entry", ...entry, path });
  }
  const range = parts.isRange ? { from, until: from + found.count } : null;
  yield line({ type: "end", entries: found.count, range, period: parts.period ?? null });

  async function lookThrough({ entries, isRange }: BundleParts, known: readonly Buffer[]) {
    const looked = {
      first: 0,
      last: -1,
      count: 0,
      agreements: new Set<AgreementId>(),
      actors: new Set<ParticipantId>(),
      batches: new Set<number>(),
    };
    let batch = 0;
    for await (const { index, entry } of entries()) {
      const digest = known[index];
      if (digest === undefined) throw new BundleImpossible(`entry ${index} is not anchored yet`);
      if (toHex<EntryDigest>(digest) !== entryDigest(entry))
        throw new BundleImpossible(`another entry is anchored at ${index}`);
      if (index <= looked.last) throw new BundleImpossible(`entry ${index} is out of order`);
      if (isRange && looked.count > 0 && index !== looked.last + 1)
        throw new BundleImpossible(`the entries from ${looked.last + 1} to ${index} are missing`);
      if (looked.count === 0) looked.first = index;
      [looked.last, looked.count] = [index, looked.count + 1];
      while ((facts.batches[batch]?.size ?? Infinity) <= index) batch += 1;
      looked.batches.add(facts.batches[batch]?.start ?? 0);
      if (entry.type === "datapact/trail/1") looked.actors.add(entry.actor);
      else if (entry.outcome === "Permitted") looked.agreements.add(entry.agreement);
    }
    return looked;
  }
}

const newline = Buffer.from("\n");
const line = (value: BundleLine): Buffer => Buffer.concat([canonicalBytes(value), newline]);

async function headerOf(
  space: Space,
  gateway: ParticipantId,
  batch: BatchFacts,
  tree: MerkleTree,
  { number, hash, time }: BlockFacts,
): Promise<BundleHeader> {
  const { start, size, root, block, transaction } = batch;
  const raw = await readRawTransaction(space.send, transaction);
  const head = { start, size, root, block, transaction, raw, peaks: peaksOf(tree, start) };
  return { type: "datapact/bundle/1", manifest: space.manifest, gateway, asOf: { number, hash, time }, head };
}

function peaksOf(tree: MerkleTree, size: number): Hash[] {
  let start = 0;
  return heightsOf(size).map((height) => {
    const at = start / 2 ** height;
    start += 2 ** height;
    return toHex(tree.hashes(height, at, at + 1));
  });
}

function headOf({ start, size, root, block, transaction }: BatchFacts, to: number, tree: MerkleTree): BundleHead {
  const consistency = tree.consistency(size, to).map((node) => toHex<Hash>(node));
  return { type: "head", start, size, root, block, transaction, consistency };
}

const partiesOf = ({ terms, signatures }: BundleAgreement): ParticipantId[] => [
  terms.assigner,
  terms.assignee,
  ...signatures.map(({ signer }) => signer),
];

async function readAll<T, U>(ids: readonly T[], read: (id: T) => Promise<U | undefined>): Promise<U[]> {
  const found: U[] = [];
  for (const id of ids) {
    const one = await read(id);
    if (one === undefined) throw new BundleImpossible(`the chain does not know ${id}`);
    found.push(one);
  }
  return found;
}
