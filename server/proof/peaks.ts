import { leafHashes, nodeHash, nodeHashes } from "../domain/merkle.ts";

/** The root of a complete subtree of 2^height entries. */
export type Peak = { readonly height: number; readonly hash: Buffer };

const digestLength = 32;

/**
 * The largest complete subtrees of a log that lie within the entries `[start, start + n)`, from left to right. They depend on no other
 * entries, so that batches can be hashed side by side.
 * @param digests The n digests, one after the other.
 */
export function peaksWithin(start: number, digests: Uint8Array): Peak[] {
  const [left, right]: [Peak[], Peak[]] = [[], []];
  let nodes = leafHashes(digests);
  for (let [height, first] = [0, start]; nodes.length > 0; [height, first] = [height + 1, Math.ceil(first / 2)]) {
    // a right child whose sibling lies before, and a left one whose sibling lies behind
    if (first % 2 === 1) {
      left.push({ height, hash: nodes.subarray(0, digestLength) });
      nodes = nodes.subarray(digestLength);
    }
    if ((nodes.length / digestLength) % 2 === 1) {
      right.unshift({ height, hash: nodes.subarray(-digestLength) });
      nodes = nodes.subarray(0, -digestLength);
    }
    nodes = nodeHashes(nodes);
  }
  return [...left, ...right];
}

/** The peaks of a tree to which those of the entries that follow it were added. Heights of a tree's peaks fall from left to right. */
export function joinPeaks(before: readonly Peak[], added: readonly Peak[]): Peak[] {
  const joined = [...before];
  for (let peak of added) {
    for (let left = joined.at(-1); left?.height === peak.height; left = joined.at(-1)) {
      peak = { height: peak.height + 1, hash: nodeHash(left.hash, peak.hash) };
      joined.pop();
    }
    joined.push(peak);
  }
  return joined;
}

/** The root of the tree that has these peaks; undefined for none. */
export function rootOfPeaks(peaks: readonly Peak[]): Buffer | undefined {
  const [last, ...left] = peaks.toReversed();
  return left.reduce<Buffer | undefined>((root, { hash }) => root && nodeHash(hash, root), last?.hash);
}

/** The heights of the peaks that a tree of this size has, from left to right. */
export function heightsOf(size: number): number[] {
  const heights: number[] = [];
  for (let height = 0, rest = size; rest > 0; height += 1, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) heights.unshift(height);
  return heights;
}
