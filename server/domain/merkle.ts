import { hashInto, sha256 } from "./hash.ts";

/** A tree head: the first `size` entries of a log have this RFC 9162 root (32 bytes). */
export type TreeHead = { readonly size: number; readonly root: Buffer };

/** An append-only RFC 9162 Merkle tree over 32-byte digests that keeps all complete subtrees in memory: 64 bytes a leaf. */
export type MerkleTree = {
  readonly size: () => number;
  /** Appends digests in order. */
  readonly append: (digests: readonly Uint8Array[]) => void;
  /** Root over the first `size` digests. Throws if there are fewer. */
  readonly root: (size: number) => Buffer;
  /** Inclusion path of `index` in the tree of the first `size` digests, leaf to root (RFC 9162, 2.1.3.1). */
  readonly path: (index: number, size: number) => Buffer[];
  /** Path from the tree of the first `from` digests to that of the first `size` (RFC 9162, 2.1.4.1). `from` is at least 1. */
  readonly consistency: (from: number, size: number) => Buffer[];
  /** Hashes of the complete subtrees of height `level` from the start-th to before the end-th: 32 bytes each, one after the other. */
  readonly hashes: (level: number, start: number, end: number) => Buffer;
};

const hashLength = 32;

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** Leaf hash: SHA-256(0x00 || digest). */
export function leafHash(digest: Uint8Array): Buffer {
  return sha256(leafPrefix, digest);
}

/** Node hash: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(nodePrefix, left, right);
}

/** What is hashed next, behind its prefix. */
const leafInput = Buffer.alloc(1 + hashLength, leafPrefix);
const nodeInput = Buffer.alloc(1 + 2 * hashLength, nodePrefix);

/** Leaf hashes of digests, both 32 bytes each, one after the other. */
export function leafHashes(digests: Uint8Array): Buffer {
  const hashes = Buffer.allocUnsafe(digests.length);
  for (let at = 0; at < digests.length; at += hashLength) {
    leafInput.set(digests.subarray(at, at + hashLength), 1);
    hashInto(hashes, at, leafInput);
  }
  return hashes;
}

/** Node hashes of an even number of siblings, one after the other: half as many. */
export function nodeHashes(siblings: Uint8Array): Buffer {
  const hashes = Buffer.allocUnsafe(siblings.length / 2);
  for (let at = 0; at < hashes.length; at += hashLength) {
    nodeInput.set(siblings.subarray(2 * at, 2 * (at + hashLength)), 1);
    hashInto(hashes, at, nodeInput);
  }
  return hashes;
}

export function createMerkleTree(): MerkleTree {
  const levels: Level[] = [createLevel()];
  const level = (height: number): Level => {
    const found = levels[height];
    if (found !== undefined) return found;
    const created = createLevel();
    levels.push(created);
    return created;
  };

  const add = (digest: Uint8Array): void => {
    let hash = leafHash(digest);
    for (let height = 0; ; height += 1) {
      const count = level(height).push(hash);
      if (count % 2 === 1) return;
      hash = nodeHash(level(height).at(count - 2), hash);
    }
  };

  /** Nodes at the right edge of the tree that was asked for last, by their start: all its proofs share them. */
  let edge = { end: 0, nodes: new Map<number, Buffer>() };

  /** Hash over `[start, end)`, where `start` is a multiple of the smallest power of two that is at least `end - start`. */
  const rangeHash = (start: number, end: number): Buffer => {
    const width = end - start;
    const height = Math.floor(Math.log2(width));
    if (2 ** height === width) return level(height).at(start / width);
    if (edge.end !== end) edge = { end, nodes: new Map() };
    const known = edge.nodes.get(start);
    if (known !== undefined) return known;
    const middle = start + 2 ** height;
    const hash = nodeHash(rangeHash(start, middle), rangeHash(middle, end));
    edge.nodes.set(start, hash);
    return hash;
  };

  const size = (): number => level(0).count();
  const requireSize = (asked: number): void => {
    if (asked > size()) throw new RangeError(`the tree has ${size()} entries, not ${asked}`);
  };

  return Object.freeze({
    size,
    append: (digests) => {
      for (const digest of digests) add(digest);
    },
    root: (asked) => {
      requireSize(asked);
      return asked === 0 ? sha256() : rangeHash(0, asked);
    },
    path: (index, asked) => {
      requireSize(asked);
      if (index < 0 || index >= asked) throw new RangeError(`entry ${index} is not among the first ${asked}`);
      return pathIn(index, 0, asked, rangeHash);
    },
    consistency: (from, asked) => {
      requireSize(asked);
      if (from < 1 || from > asked) throw new RangeError(`there is no way from ${from} entries to ${asked}`);
      return consistencyIn(from, 0, asked, rangeHash);
    },
    hashes: (height, start, end) => {
      const count = levels[height]?.count() ?? 0;
      if (start < 0 || end < start || end > count)
        throw new RangeError(`there are ${count} complete subtrees of height ${height}, not ${end}`);
      return level(height).between(start, end);
    },
  });
}

type RangeHash = (start: number, end: number) => Buffer;

/** Where a subtree of more than one leaf is divided: the largest power of two below its width. */
const middleOf = (start: number, end: number): number => start + 2 ** (Math.ceil(Math.log2(end - start)) - 1);

/** The nodes over `[start, end)` that, with the root over `[start, from)`, give the root over both. At `from` = `end` there is none. */
function consistencyIn(from: number, start: number, end: number, rangeHash: RangeHash): Buffer[] {
  // The verifier knows the root over the first `from`, so that node is left out where it stands whole in the later tree.
  if (from === end) return start === 0 ? [] : [rangeHash(start, end)];
  const middle = middleOf(start, end);
  return from <= middle
    ? [...consistencyIn(from, start, middle, rangeHash), rangeHash(middle, end)]
    : [...consistencyIn(from, middle, end, rangeHash), rangeHash(start, middle)];
}

function pathIn(index: number, start: number, end: number, rangeHash: RangeHash): Buffer[] {
  if (end - start === 1) return [];
  const middle = middleOf(start, end);
  return index < middle
    ? [...pathIn(index, start, middle, rangeHash), rangeHash(middle, end)]
    : [...pathIn(index, middle, end, rangeHash), rangeHash(start, middle)];
}

type Level = {
  readonly count: () => number;
  readonly push: (hash: Uint8Array) => number;
  readonly at: (index: number) => Buffer;
  readonly between: (start: number, end: number) => Buffer;
};

function createLevel(): Level {
  let bytes = Buffer.alloc(hashLength * 64);
  let count = 0;
  return {
    count: () => count,
    push: (hash) => {
      if ((count + 1) * hashLength > bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2);
      bytes.set(hash, count * hashLength);
      count += 1;
      return count;
    },
    at: (index) => bytes.subarray(index * hashLength, (index + 1) * hashLength),
    between: (start, end) => bytes.subarray(start * hashLength, end * hashLength),
  };
}

/** Root over all digests (RFC 9162, 2.1.1). */
export function rootOf(digests: readonly Uint8Array[]): Buffer {
  const tree = createMerkleTree();
  tree.append(digests);
  return tree.root(digests.length);
}

/**
 * Root that `path` leads to from `digest` at `index` of `size`, or undefined if the path cannot belong there (RFC 9162, 2.1.3.2).
 */
export function rootFromPath(
  digest: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Buffer | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let node = BigInt(index);
  let last = BigInt(size - 1);
  let root = leafHash(digest);
  for (const sibling of path) {
    if (last === 0n || sibling.length !== hashLength) return undefined;
    if (node % 2n === 1n || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  return last === 0n ? root : undefined;
}
