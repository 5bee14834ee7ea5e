import { describe, expect, it } from "vitest";
import { isConsistent } from "../../server/domain/consistency.ts";
import { createMerkleTree, rootFromPath, type TreeHead } from "../../server/domain/merkle.ts";
import { flipBit, sigstoreAccepts } from "../support/sigstore.ts";
import { consistencyPath, digest, inclusionPath, treeHash } from "../support/treeDefinition.ts";

const most = 70;
const digests = Array.from({ length: most }, (_, number) => digest(Buffer.from(`entry ${number}`)));
const tree = createMerkleTree();
tree.append(digests);
const headOf = (size: number): TreeHead => ({ size, root: tree.root(size) });

const pairs = Array.from({ length: most }, (_, i) => i + 1).flatMap((to) =>
  Array.from({ length: to }, (_, i) => [i + 1, to] as const),
);

describe("consistency proofs", () => {
  it("are the recursive definition's and accepted, between all sizes to 70", () => {
    for (const [from, to] of pairs) {
      const path = tree.consistency(from, to);
      expect(path, `${from} to ${to}`).toEqual(consistencyPath(from, digests.slice(0, to)));
      expect(isConsistent(headOf(from), headOf(to), path), `${from} to ${to}`).toBe(true);
    }
  });

  it("are refused after any one-bit change of a head or of the path", () => {
    let bit = 0;
    for (const [from, to] of pairs) {
      const path = tree.consistency(from, to);
      const [earlier, later] = [headOf(from), headOf(to)];
      bit += 97;
      expect(isConsistent({ ...earlier, root: flipBit(earlier.root, bit) }, later, path)).toBe(false);
      expect(isConsistent(earlier, { ...later, root: flipBit(later.root, bit) }, path)).toBe(false);
      path.forEach((node, place) => {
        expect(isConsistent(earlier, later, path.with(place, flipBit(node, bit)))).toBe(false);
      });
    }
  });

  it("are refused between other sizes than theirs, and have exactly one length", () => {
    for (const [from, to] of pairs.filter(([, size]) => size <= 33)) {
      const path = tree.consistency(from, to);
      for (let other = 1; other <= 34; other += 1) {
        if (other !== from) expect(isConsistent(headOf(other), headOf(to), path)).toBe(false);
        if (other !== to) expect(isConsistent(headOf(from), headOf(other), path)).toBe(false);
      }
      expect(isConsistent(headOf(from), headOf(to), [...path, tree.root(1)])).toBe(false);
      expect(isConsistent(headOf(from), headOf(to), [tree.root(1), ...path])).toBe(false);
      if (path.length > 0) expect(isConsistent(headOf(from), headOf(to), path.slice(1))).toBe(false);
      if (path.length > 0) expect(isConsistent(headOf(from), headOf(to), path.slice(0, -1))).toBe(false);
    }
  });

  it.each([
    [0, 4],
    [5, 4],
    [-1, 4],
    [1.5, 4],
    [Number.NaN, 4],
    [2, 2 ** 53],
  ])("lead nowhere from %d to %d", (from, to) => {
    const root = tree.root(1);
    expect(isConsistent({ size: from, root }, { size: to, root }, [])).toBe(false);
    expect(isConsistent({ size: from, root }, { size: to, root }, tree.consistency(2, 4))).toBe(false);
  });

  it("are not made for sizes that the tree has not", () => {
    expect(() => tree.consistency(0, 4)).toThrow(RangeError);
    expect(() => tree.consistency(5, 4)).toThrow(RangeError);
    expect(() => tree.consistency(1, most + 1)).toThrow(RangeError);
  });

  it("take nodes of 32 bytes only", () => {
    const path = tree.consistency(3, 7);
    for (const length of [0, 31, 33, 64])
      expect(isConsistent(headOf(3), headOf(7), path.with(0, Buffer.alloc(length)))).toBe(false);
  });
});

describe("complete subtrees", () => {
  it("are those of the definition, and none that is not complete", () => {
    for (const level of [0, 1, 3, 6]) {
      const width = 2 ** level;
      const count = Math.floor(most / width);
      const expected = Array.from({ length: count }, (_, i) => treeHash(digests.slice(i * width, (i + 1) * width)));
      expect(tree.hashes(level, 0, count)).toEqual(Buffer.concat(expected));
      expect(() => tree.hashes(level, 0, count + 1)).toThrow(RangeError);
    }
    expect(() => tree.hashes(7, 0, 1)).toThrow(RangeError);
    expect(tree.hashes(7, 0, 0)).toEqual(Buffer.alloc(0));
  });
});

/** The eight leaves of the reference tree of transparency-dev/merkle, testonly/constants.go. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  (leaf) => Buffer.from(leaf, "hex"),
);
const rootAt = (size: number): Buffer => treeHash(leaves.slice(0, size));
const garbage = digest(Buffer.from("garbage"));

type Probe = readonly [string, readonly Buffer[], number, number, Buffer, Buffer];

/** What transparency-dev's verifiers are probed with, after the names of its testdata/inclusion and testdata/consistency. */
function changesOf(path: readonly Buffer[], first: number, second: number, one: Buffer, two: Buffer): Probe[] {
  const bits = path.map(
    (node, i): Probe => [`bit 4 of node ${i}`, path.with(i, flipBit(node, 4)), first, second, one, two],
  );
  const others: Probe[] = [
    ["one more", path, first + 1, second, one, two],
    ["one less", path, first - 1, second, one, two],
    ["first XOR 2", path, first ^ 2, second, one, two],
    ["second doubled", path, first, second * 2, one, two],
    ["second halved", path, first, Math.floor(second / 2), one, two],
    ["another first", path, first, second, digest(Buffer.from("WrongRoot")), two],
    ["another root", path, first, second, one, digest(Buffer.from("WrongRoot"))],
    ["swapped", path, first, second, two, one],
    ["empty root", path, first, second, one, Buffer.alloc(0)],
    ["trailing garbage", [...path, garbage], first, second, one, two],
    ["trailing root", [...path, two], first, second, one, two],
    ["preceding garbage", [garbage, ...path], first, second, one, two],
    ["preceding root", [two, ...path], first, second, one, two],
    ["preceding first", [one, ...path], first, second, one, two],
  ];
  const cut: Probe[] = path.length === 0 ? [] : [["truncated", path.slice(0, -1), first, second, one, two]];
  const none: Probe[] = path.length === 0 ? [] : [["empty", [], first, second, one, two]];
  return [...bits, ...others, ...cut, ...none];
}

describe("the probes of transparency-dev/merkle", () => {
  it("of inclusion: one verdict of ours and of @sigstore/verify", () => {
    let probes = 0;
    for (const [index, size] of [
      [0, 1],
      [0, 8],
      [5, 8],
      [2, 3],
      [1, 5],
    ] as const) {
      const path = inclusionPath(index, leaves.slice(0, size));
      const [leaf = Buffer.alloc(0), root] = [leaves[index], rootAt(size)];
      expect(rootFromPath(leaf, index, size, path)).toEqual(root);
      for (const [name, nodes, i, of, input, expected] of changesOf(path, index, size, leaf, root)) {
        const accepted = rootFromPath(input, i, of, nodes)?.equals(expected) ?? false;
        expect(accepted, `${name}, ${index} of ${size}`).toBe(false);
        if (i >= 0) {
          const asked = { digest: input, index: i, size: of, root: expected, path: nodes };
          expect(sigstoreAccepts(asked), `${name}, ${index} of ${size}`).toBe(false);
        }
        probes += 1;
      }
    }
    expect(probes).toBeGreaterThanOrEqual(80);
  });

  it("of consistency: each is refused", () => {
    let probes = 0;
    for (const [from, to] of [
      [1, 8],
      [6, 8],
      [2, 5],
      [6, 7],
      [3, 7],
    ] as const) {
      const path = consistencyPath(from, leaves.slice(0, to));
      const [one, two] = [rootAt(from), rootAt(to)];
      expect(isConsistent({ size: from, root: one }, { size: to, root: two }, path)).toBe(true);
      for (const [name, nodes, first, second, before, after] of changesOf(path, from, to, one, two)) {
        const accepted = isConsistent({ size: first, root: before }, { size: second, root: after }, nodes);
        expect(accepted, `${name}, ${from} to ${to}`).toBe(false);
        probes += 1;
      }
    }
    expect(probes).toBeGreaterThanOrEqual(80);
  });
});
