import { expect, it } from "vitest";
import { openFrontier } from "../../server/domain/frontier.ts";
import { sha256 } from "../../server/domain/hash.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";

const digestOf = (number: number): Buffer => sha256(Buffer.from(`entry ${number}`));

it("has the root of the whole tree at every size, and goes on from what it gave", () => {
  const tree = createMerkleTree();
  let frontier = openFrontier();
  for (let size = 0; size <= 130; size += 1) {
    expect(frontier.size()).toBe(size);
    expect(frontier.root()).toEqual(tree.root(size));
    expect(frontier.nodes().length).toBeLessThanOrEqual(8);
    frontier = openFrontier(size, frontier.nodes());
    frontier.append(digestOf(size));
    tree.append([digestOf(size)]);
  }
});

it("does not go on from nodes of another size", () => {
  const frontier = openFrontier();
  for (let i = 0; i < 5; i += 1) frontier.append(digestOf(i));
  expect(() => openFrontier(7, frontier.nodes())).toThrow(RangeError);
  expect(() => openFrontier(4, frontier.nodes())).toThrow("a tree of 4 entries has 1 nodes at its edge, not 2");
});
