import { describe, expect, it } from "vitest";
import { createMerkleTree, leafHash, nodeHash, rootFromPath, rootOf } from "../../server/domain/merkle.ts";
import { flipBit, sigstoreAccepts } from "../support/sigstore.ts";
import { inclusionPath, digest as sha256, treeHash } from "../support/treeDefinition.ts";

const digestOf = (number: number): Buffer => sha256(Buffer.from(`entry ${number}`));
const digests = Array.from({ length: 301 }, (_, number) => digestOf(number));

const whole = createMerkleTree();
whole.append(digests);
const at = (index: number): Buffer => digests[index] ?? Buffer.alloc(32);

/** github.com/transparency-dev/merkle at 417fb0c, testonly/constants.go and testonly/vectors_test.go. */
const reference = {
  leaves: ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
  roots: [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
};

describe("the tree is RFC 9162's", () => {
  it("gives the known roots", () => {
    const inputs = reference.leaves.map((leaf) => Buffer.from(leaf, "hex"));
    const roots = reference.roots.map((_, size) => rootOf(inputs.slice(0, size)).toString("hex"));
    expect(roots).toEqual(reference.roots);
  });

  it("gives the known hashes of a leaf and of a node", () => {
    expect(leafHash(Buffer.from("L123456")).toString("hex")).toBe(
      "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
    );
    expect(nodeHash(Buffer.from("N123"), Buffer.from("N456")).toString("hex")).toBe(
      "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    );
    expect(leafHash(Buffer.alloc(0)).toString("hex")).toBe(reference.roots[1]);
  });

  it("equals the recursive definition at every size to 300, and at the sizes that a tree has passed", () => {
    for (let size = 0; size <= 300; size += 1) {
      const expected = treeHash(digests.slice(0, size));
      expect(rootOf(digests.slice(0, size)).equals(expected), `size ${size}`).toBe(true);
      expect(whole.root(size).equals(expected), `size ${size} of 301`).toBe(true);
    }
  });

  it("does not mind how the entries were divided into batches", () => {
    const tree = createMerkleTree();
    for (let start = 0, width = 1; start < 300; start += width, width = (width * 7) % 31 || 1) {
      tree.append(digests.slice(start, Math.min(start + width, 300)));
    }
    expect(tree.size()).toBe(300);
    expect(tree.root(300)).toEqual(treeHash(digests.slice(0, 300)));
  });

  it("refuses sizes and indices that it does not have", () => {
    expect(() => whole.root(302)).toThrow(RangeError);
    expect(() => whole.path(5, 5)).toThrow(RangeError);
    expect(() => whole.path(-1, 5)).toThrow(RangeError);
    expect(() => whole.path(0, 302)).toThrow(RangeError);
  });
});

describe("inclusion proofs", () => {
  it("are the recursive definition's, and accepted by us and by @sigstore/verify, for all sizes to 64", () => {
    for (let size = 1; size <= 64; size += 1) {
      const root = treeHash(digests.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        const path = whole.path(index, size);
        expect(path, `${index} of ${size}`).toEqual(inclusionPath(index, digests.slice(0, size)));
        expect(rootFromPath(at(index), index, size, path)?.equals(root), `${index} of ${size}`).toBe(true);
        expect(sigstoreAccepts({ digest: at(index), index, size, root, path }), `${index} of ${size}`).toBe(true);
      }
    }
  });

  it("are refused after any one-bit change of the digest or the path, at all sizes to 64", () => {
    let bit = 0;
    for (let size = 1; size <= 64; size += 1) {
      const root = whole.root(size);
      for (let index = 0; index < size; index += 1) {
        const path = whole.path(index, size);
        bit += 101;
        expect(rootFromPath(flipBit(at(index), bit), index, size, path)?.equals(root)).toBe(false);
        path.forEach((node, place) => {
          const mutated = path.with(place, flipBit(node, bit));
          expect(rootFromPath(at(index), index, size, mutated)?.equals(root)).toBe(false);
          expect(sigstoreAccepts({ digest: at(index), index, size, root, path: mutated })).toBe(false);
        });
      }
    }
  });

  it("are refused at another index, and under the head of another size", () => {
    for (let size = 1; size <= 32; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const path = whole.path(index, size);
        for (let other = 0; other <= 32; other += 1) {
          if (other !== index) {
            expect(rootFromPath(at(index), other, size, path)?.equals(whole.root(size))).not.toBe(true);
          }
          if (other !== size) {
            expect(rootFromPath(at(index), index, other, path)?.equals(whole.root(other))).not.toBe(true);
          }
        }
      }
    }
  });

  it("have exactly one length", () => {
    for (let size = 1; size <= 64; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const path = whole.path(index, size);
        expect(rootFromPath(at(index), index, size, [...path, at(0)])).toBeUndefined();
        if (path.length > 0) expect(rootFromPath(at(index), index, size, path.slice(1))).toBeUndefined();
        if (path.length > 0) expect(rootFromPath(at(index), index, size, path.slice(0, -1))).toBeUndefined();
      }
    }
  });

  it.each([
    [-1, 4],
    [4, 4],
    [0, 0],
    [0.5, 4],
    [0, 4.5],
    [Number.NaN, 4],
    [0, Number.POSITIVE_INFINITY],
    [2 ** 53, 2 ** 53 + 2],
  ])("have no index %d in a tree of size %d", (index, size) => {
    expect(rootFromPath(at(0), index, size, whole.path(0, 4))).toBeUndefined();
  });

  it("take nodes of 32 bytes only", () => {
    const path = whole.path(0, 4);
    for (const length of [0, 31, 33, 64]) {
      expect(rootFromPath(at(0), 0, 4, path.with(0, Buffer.alloc(length)))).toBeUndefined();
    }
  });

  it("never let a node pass for an entry", () => {
    const [left, right] = [leafHash(at(0)), leafHash(at(1))];
    const node = Buffer.concat([left, right]);
    expect(rootFromPath(node, 0, 1, [])?.equals(whole.root(2))).toBe(false);
    expect(rootFromPath(sha256(Buffer.of(1), node), 0, 1, [])?.equals(whole.root(2))).toBe(false);
  });
});
