import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cbor, decodeCbor, encodeCbor } from "../../server/domain/cbor.ts";
import { ed25519Key, verifyEd25519 } from "../../server/domain/ed25519.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import { readCoseReceipt, writeCoseReceipt } from "../../server/proof/coseReceipt.ts";
import { flipBit } from "../support/sigstore.ts";
import { digest } from "../support/treeDefinition.ts";

/** What cborg, which we did not write, makes of a value. */
const plain = (value: Cbor): unknown => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array)
    return value instanceof Uint8Array ? Uint8Array.from(value) : value;
  if (value instanceof Map) return new Map([...value].map(([label, member]) => [label, plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  const { tag, value: inner } = value as { tag: number; value: Cbor };
  return new Tagged(tag, plain(inner));
};
const options = { useMaps: true, strict: true, tags: Tagged.preserve(18) } as never;

const { value: anyCbor } = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer({ min: -(2 ** 40), max: 2 ** 53 - 1 }),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 30 }),
    fc.array(fc.tuple(fc.integer({ min: -300, max: 70_000 }), tie("value"))).map((members) => new Map(members)),
    tie("value").map((value) => ({ tag: 18, value })),
  ),
}));

describe("CBOR", () => {
  it("is written as cborg writes it after RFC 8949, and read back", () => {
    fc.assert(
      fc.property(anyCbor, (value) => {
        const bytes = encodeCbor(value);
        expect(bytes).toEqual(Buffer.from(encode(plain(value), rfc8949EncodeOptions)));
        expect(plain(decodeCbor(bytes) ?? null)).toEqual(plain(value));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    "",
    "18",
    "1800",
    "1817",
    "190017",
    "5f4101ff",
    "a201000100",
    "a202000100",
    "f7",
    "fb3ff0000000000000",
    "61ff",
    "0000",
    "9bffffffffffffffff",
    "82",
  ])("%s is none in the one form", (hex) => expect(decodeCbor(Buffer.from(hex, "hex"))).toBeUndefined());

  it("is read to a depth and no further", () => {
    expect(decodeCbor(Buffer.from(`${"81".repeat(100_000)}00`, "hex"))).toBeUndefined();
  });
});

const key = ed25519Key(digest(Buffer.from("log key")));
const issuer = "datapact/31337/0xlog/0xgateway";
const digests = Array.from({ length: 20 }, (_, i) => digest(Buffer.from(`entry ${i}`)));
const tree = createMerkleTree();
tree.append(digests);
const receiptOf = (index: number, size = 20): Buffer =>
  writeCoseReceipt(issuer, { size, root: tree.root(size) }, index, tree.path(index, size), key);

describe("COSE receipts", () => {
  const receipt = receiptOf(17);

  it("are of the shape that RFC 9942 gives for an inclusion proof", () => {
    const message = decode(receipt, options) as Tagged;
    expect(message.tag).toBe(18);
    const [header, unprotected, payload, signature] = message.value as [
      Uint8Array,
      Map<number, Map<number, Uint8Array[]>>,
      null,
      Uint8Array,
    ];
    const fields = decode(header, options) as Map<number, unknown>;
    expect([fields.get(1), fields.get(395), payload, signature.length]).toEqual([-19, 1, null, 64]);
    expect(fields.get(15)).toEqual(new Map([[1, issuer]]));
    const [proof = new Uint8Array(), ...others] = unprotected.get(396)?.get(-1) ?? [];
    expect(others).toEqual([]);
    expect(decode(proof, options)).toEqual([20, 17, tree.path(17, 20).map((node) => Uint8Array.from(node))]);
    const signed = encode(
      ["Signature1", header, new Uint8Array(), Uint8Array.from(tree.root(20))],
      rfc8949EncodeOptions,
    );
    expect(verifyEd25519(key.publicKey, signed, signature)).toBe(true);
  });

  it("lead from each entry, at any size, to the root that was signed", () => {
    for (let size = 2; size <= 20; size += 1)
      for (let index = 0; index < size; index += 1) {
        const read = readCoseReceipt(receiptOf(index, size));
        expect(read).toMatchObject({ issuer, size, index, key: key.publicKey });
        expect(read?.rootOver(digests[index] ?? Buffer.alloc(0))).toEqual(tree.root(size));
        expect(read?.rootOver(digests[(index + 1) % size] ?? Buffer.alloc(0))).toBeUndefined();
      }
    expect(() => receiptOf(0, 1)).toThrow(RangeError);
  });

  it("prove nothing after a change of any one bit", () => {
    for (let bit = 0; bit < receipt.length * 8; bit += 1) {
      const read = readCoseReceipt(flipBit(receipt, bit));
      const stillProves =
        read?.issuer === issuer && read.key.equals(key.publicKey) && read.size === 20 && read.index === 17;
      expect(stillProves && read.rootOver(digests[17] ?? Buffer.alloc(0)) !== undefined, `bit ${bit}`).toBe(false);
    }
  });

  it("are none cut, lengthened, with a payload, another algorithm or structure", () => {
    for (let length = 0; length < receipt.length; length += 1)
      expect(readCoseReceipt(receipt.subarray(0, length))).toBeUndefined();
    expect(readCoseReceipt(Buffer.concat([receipt, Buffer.of(0)]))).toBeUndefined();
    const { value } = decode(receipt, options) as Tagged;
    const [header, unprotected, , signature] = value as [Uint8Array, unknown, null, Uint8Array];
    const other = (parts: unknown[], tag = 18): Uint8Array => encode(new Tagged(tag, parts), rfc8949EncodeOptions);
    expect(readCoseReceipt(other([header, unprotected, null, signature]))).toBeDefined();
    expect(readCoseReceipt(other([header, unprotected, Uint8Array.from(tree.root(20)), signature]))).toBeUndefined();
    expect(readCoseReceipt(other([header, unprotected, null, signature], 17))).toBeUndefined();
    for (const [label, changed] of [
      [1, -7],
      [1, -8],
      [395, 2],
    ] as const) {
      const fields = new Map(decode(header, options) as Map<number, unknown>).set(label, changed);
      expect(
        readCoseReceipt(other([encode(fields, rfc8949EncodeOptions), unprotected, null, signature])),
      ).toBeUndefined();
    }
  });
});
