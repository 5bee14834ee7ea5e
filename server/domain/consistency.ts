import { nodeHash, type TreeHead } from "./merkle.ts";

/**
 * Whether a path shows that the tree of `later` begins with the tree of `earlier` (RFC 9162, 2.1.4.2): nothing that stood in it was
 * changed, moved or taken out. Heads of one size agree only if they are the same; no path leads from the empty tree, which every tree
 * begins with.
 */
export function isConsistent(earlier: TreeHead, later: TreeHead, path: readonly Uint8Array[]): boolean {
  const sizes = [earlier.size, later.size];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0) || earlier.size > later.size) return false;
  if (path.some((node) => node.length !== 32)) return false;
  if (earlier.size === later.size) return path.length === 0 && earlier.root.equals(later.root);
  let node = BigInt(earlier.size - 1);
  let last = BigInt(later.size - 1);
  while (node % 2n === 1n) {
    node /= 2n;
    last /= 2n;
  }
  // A whole tree stands as one node in the later one: the proof leaves it out, since the verifier has it.
  const nodes = node === 0n ? [earlier.root, ...path] : path;
  const [first, ...rest] = nodes;
  if (first === undefined) return false;
  let before: Buffer = Buffer.from(first);
  let after = before;
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      after = nodeHash(after, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  return last === 0n && before.equals(earlier.root) && after.equals(later.root);
}
