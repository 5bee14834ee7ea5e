import { isConsistent } from "../domain/consistency.ts";
import { fromHex } from "../domain/hash.ts";
import type { BundleHead, BundleHeader } from "./bundle.ts";

/** The batches that a bundle names. */
export type BundleHeads = {
  /** Takes the next one; says what is wrong with it. */
  readonly add: (head: BundleHead, top: BundleHeader["head"]) => string | undefined;
  /** The batch that holds an index. Indices must be asked for in ascending order, so that all of them take one walk. */
  readonly batchOf: (index: number) => BundleHead | undefined;
  /** The head of this size. */
  readonly ofSize: (size: number) => BundleHead | undefined;
};

export function createBundleHeads(): BundleHeads {
  const heads: BundleHead[] = [];
  const bySize = new Map<number, BundleHead>();
  let at = 0;
  return {
    add: (head, { size, root }) => {
      const before = heads.at(-1);
      heads.push(head);
      bySize.set(head.size, head);
      if (before !== undefined && head.start < before.size) return `the head of size ${head.size} is out of order`;
      const [earlier, later] = [
        { size: head.size, root: fromHex(head.root) },
        { size, root: fromHex(root) },
      ];
      return isConsistent(earlier, later, head.consistency.map(fromHex))
        ? undefined
        : `the head of size ${head.size} does not lead to that of size ${size}`;
    },
    batchOf: (index) => {
      while ((heads[at]?.size ?? Infinity) <= index) at += 1;
      const found = heads[at];
      return found !== undefined && found.start <= index ? found : undefined;
    },
    ofSize: (size) => bySize.get(size),
  };
}
