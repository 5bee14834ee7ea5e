import { toHex } from "../domain/hash.ts";
import type { MerkleTree } from "../domain/merkle.ts";
import type { Handler } from "./mount.ts";

/** Routes that are answered from the tree alone. */
export type ProofHandlers = { readonly proof: Handler<"proof">; readonly consistency: Handler<"consistency"> };

/**
 * Makes the handlers of the proofs' routes.
 * @param anchored How many entries are anchored: of trees beyond, the chain bears nothing out.
 */
export function createProofHandlers(
  tree: Pick<MerkleTree, "root" | "path" | "consistency">,
  anchored: () => number,
): ProofHandlers {
  const sizeOf = (asked: string | undefined): number => (asked === undefined ? anchored() : Number(asked));
  const head = (size: number) => ({ size, root: toHex(tree.root(size)) });
  const texts = (nodes: readonly Buffer[]) => nodes.map((node) => toHex(node));
  return {
    proof: ({ index: asked, size: within }) => {
      const [index, size] = [Number(asked), sizeOf(within)];
      if (size > anchored() || index >= size) return undefined;
      return { index, ...head(size), path: texts(tree.path(index, size)) };
    },
    consistency: ({ from: earlier, to: later }) => {
      const [from, to] = [Number(earlier), sizeOf(later)];
      if (to > anchored() || from < 1 || from > to) return undefined;
      return { from: head(from), to: head(to), path: texts(tree.consistency(from, to)) };
    },
  };
}
