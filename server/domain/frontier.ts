import { sha256 } from "./hash.ts";
import { leafHash, nodeHash } from "./merkle.ts";

/** The right edge of an RFC 9162 tree: all that it takes to append to it and to know its root, one node for each bit of its size. */
export type Frontier = {
  readonly size: () => number;
  readonly append: (digest: Uint8Array) => void;
  readonly root: () => Buffer;
  /** Its nodes, the largest subtree first. */
  readonly nodes: () => readonly Buffer[];
};

/**
 * Takes up a tree where it was left.
 * @param nodes What `nodes` gave at that size. Throws `RangeError` if they are too many or too few.
 */
export function openFrontier(size = 0, nodes: readonly Buffer[] = []): Frontier {
  const bits = size.toString(2).replaceAll("0", "").length;
  if (nodes.length !== bits)
    throw new RangeError(`a tree of ${size} entries has ${bits} nodes at its edge, not ${nodes.length}`);
  const edge = [...nodes];
  let count = size;
  return {
    size: () => count,
    append: (digest) => {
      let node = leafHash(digest);
      for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) node = nodeHash(edge.pop() as Buffer, node);
      edge.push(node);
      count += 1;
    },
    root: () => (count === 0 ? sha256() : edge.reduceRight((right, left) => nodeHash(left, right))),
    nodes: () => [...edge],
  };
}
