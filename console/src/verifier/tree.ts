import { sha256 } from "./bytes.ts";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The root that an inclusion path leads to (RFC 9162, 2.1.3.2); undefined if the path cannot belong to this index and size. */
export async function rootOfPath(
  digest: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Promise<Uint8Array | undefined> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let [at, last] = [BigInt(index), BigInt(size - 1)];
  let root: Uint8Array = await sha256(leafPrefix, digest);
  for (const sibling of path) {
    if (last === 0n || sibling.length !== 32) return undefined;
    if (at % 2n === 1n || at === last) {
      root = await sha256(nodePrefix, sibling, root);
      while (at % 2n === 0n && at !== 0n) {
        at /= 2n;
        last /= 2n;
      }
    } else root = await sha256(nodePrefix, root, sibling);
    at /= 2n;
    last /= 2n;
  }
  return last === 0n ? root : undefined;
}

/** A tree that grows. `add` takes digests in the order of their indices; `root` is that over all so far (RFC 9162, 2.1.1). */
export type GrowingTree = {
  readonly add: (digest: Uint8Array) => Promise<void>;
  readonly root: () => Promise<Uint8Array>;
  readonly size: () => number;
};

/** Makes a tree that keeps nothing but the roots of its complete subtrees, the largest first. */
export function growTree(): GrowingTree {
  const complete: { readonly width: number; readonly root: Uint8Array }[] = [];
  let size = 0;
  return {
    size: () => size,
    add: async (digest) => {
      let [width, root]: [number, Uint8Array] = [1, await sha256(leafPrefix, digest)];
      for (let last = complete.at(-1); last?.width === width; last = complete.at(-1)) {
        complete.pop();
        root = await sha256(nodePrefix, last.root, root);
        width *= 2;
      }
      complete.push({ width, root });
      size += 1;
    },
    root: async () => {
      const [last, ...rest] = complete.toReversed();
      if (last === undefined) return sha256();
      let { root } = last;
      for (const left of rest) root = await sha256(nodePrefix, left.root, root);
      return root;
    },
  };
}
