import { getBytes, SigningKey, Wallet } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hex } from "../../server/domain/ids.ts";
import { recoverSigner, signDigest } from "../../server/domain/signature.ts";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const word = (value: bigint): string => value.toString(16).padStart(64, "0");
const write = (r: bigint, s: bigint, v: number): Hex => `0x${word(r)}${word(s)}${v.toString(16).padStart(2, "0")}`;

const wallet = new Wallet(`0x${"5a".repeat(32)}`);
const address = wallet.address.toLowerCase();
const digest = Buffer.alloc(32, 7);
const signature = signDigest(digest, getBytes(wallet.privateKey));
const r = BigInt(`0x${signature.slice(2, 66)}`);
const s = BigInt(`0x${signature.slice(66, 130)}`);
const v = Number(`0x${signature.slice(130)}`);

/** x coordinates for which secp256k1 has no point: 5 is one. */
const notOnCurve = 5n;

describe("a signature", () => {
  it("names its signer, as ethers does, whatever was signed", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.bigInt({ min: 1n, max: order - 1n }),
        (what, key) => {
          const signing = new SigningKey(`0x${word(key)}`);
          const signer = new Wallet(signing).address.toLowerCase();
          expect(recoverSigner(what, signDigest(what, getBytes(signing.privateKey)))).toBe(signer);
          expect(recoverSigner(what, signing.sign(what).serialized as Hex)).toBe(signer);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is the same bytes that ethers writes (RFC 6979)", () => {
    expect(signature).toBe(new SigningKey(wallet.privateKey).sign(digest).serialized);
  });

  it("over other bytes names somebody else", () => {
    for (let bit = 0; bit < 256; bit += 1) {
      const other = Buffer.from(digest);
      other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(recoverSigner(other, signature)).not.toBe(address);
    }
  });

  const refused: readonly (readonly [string, string])[] = [
    ["a high s", write(r, order - s, v === 27 ? 28 : 27)],
    ["a high s with the same v", write(r, order - s, v)],
    ["the smallest high s", write(r, (order + 1n) / 2n, v)],
    ["s = n - 1", write(r, order - 1n, v)],
    ["v 0", write(r, s, 0)],
    ["v 1", write(r, s, 1)],
    ["v 2", write(r, s, 2)],
    ["v 26", write(r, s, 26)],
    ["v 29", write(r, s, 29)],
    ["v 30", write(r, s, 30)],
    ["v 37, as of EIP-155", write(r, s, 37)],
    ["v 255", write(r, s, 255)],
    ["upper-case hex", `0x${signature.slice(2).toUpperCase()}`],
    ["one upper-case digit", signature.replace(/[a-f]/, (digit) => digit.toUpperCase())],
    ["an upper-case prefix", signature.replace("0x", "0X")],
    ["no prefix", signature.slice(2)],
    ["64 bytes", signature.slice(0, 130)],
    ["64 bytes in the compact form of EIP-2098", new SigningKey(wallet.privateKey).sign(digest).compactSerialized],
    ["66 bytes", `${signature}00`],
    ["66 bytes, zero in front", `0x00${signature.slice(2)}`],
    ["half a byte more", `${signature}0`],
    ["nothing", "0x"],
    ["the empty text", ""],
    ["a space behind", `${signature} `],
    ["a line end behind", `${signature}\n`],
    ["zero r", write(0n, s, v)],
    ["zero s", write(r, 0n, v)],
    ["zero r and s", write(0n, 0n, v)],
    ["r = n", write(order, s, v)],
    ["r = n + 1", write(order + 1n, s, v)],
    ["r = 2^256 - 1", write(2n ** 256n - 1n, s, v)],
    ["s = n", write(r, order, v)],
    ["s = n + 1", write(r, order + 1n, v)],
    ["s = 2^256 - 1", write(r, 2n ** 256n - 1n, v)],
    ["r and s = n", write(order, order, v)],
    ["an r that is no point", write(notOnCurve, s, v)],
    ["all zeros", `0x${"00".repeat(65)}`],
    ["all ones", `0x${"ff".repeat(65)}`],
  ];

  it.each(refused)("is refused with %s", (_name, text) => {
    expect(recoverSigner(digest, text as Hex)).toBeUndefined();
  });

  const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  it("is refused, never thrown at, whatever its bytes are", () => {
    fc.assert(
      fc.property(bytesOf(32), bytesOf(64), fc.constantFrom("1b", "1c"), (signed, bytes, last) => {
        const found = recoverSigner(signed, `0x${Buffer.from(bytes).toString("hex")}${last}` as Hex);
        expect(found === undefined || /^0x[0-9a-f]{40}$/.test(found)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("is low at exactly half the order", () => {
    const half = (order - 1n) / 2n;
    expect(recoverSigner(digest, write(r, half, v))).toMatch(/^0x[0-9a-f]{40}$/);
    expect(recoverSigner(digest, write(r, half + 1n, v))).toBeUndefined();
  });
});
