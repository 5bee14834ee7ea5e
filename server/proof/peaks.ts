import { leafHash, nodeHash } from "../domain/merkle.ts";

/** The root of a complete subtree of 2^height entries. */
export type Peak = { readonly height: number; readonly hash: Buffer };

const digestLength = 32;

/**
 * The largest complete subtrees of a log that lie within the entries `[start, start + n)`, from left to right. They depend on no other
 * entries, so that batches can be hashed side by side.
 * @param digests The n digests, one after the other.
 */
export function peaksWithin(start: number, digests: Uint8Array): Peak[] {
  const peaks: Peak[] = [];
  for (let at = 0; at < digests.length; at += digestLength) {
    let hash = leafHash(digests.subarray(at, at + digestLength));
    let height = 0;
    // a node that is a right child takes in its left sibling, if that lies within too
    for (let node = start + at / digestLength; node % 2 === 1; node = (node - 1) / 2) {
      const left = peaks.at(-1);
      if (left?.height !== height) break;
      hash = nodeHash(left.hash, hash);
      peaks.pop();
      height += 1;
    }
    peaks.push({ height, hash });
  }
  return peaks;
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
