import { computeAddress, concat, getBytes, id, SigningKey, toBeHex } from "ethers";
import hre from "hardhat";
import { beforeAll, describe, expect, it } from "vitest";
import type { Hex } from "../../server/domain/ids.ts";
import { recoverSigner } from "../../server/domain/signature.ts";

/** Of secp256k1: order of the group, prime of the field. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const prime = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const most = 2n ** 256n - 1n;
const zero = `0x${"00".repeat(20)}`;

type Vector = { readonly name: string; readonly digest: string; readonly bytes: string };

const word = (value: bigint): string => toBeHex(((value % (most + 1n)) + most + 1n) % (most + 1n), 32);
const packed = (r: bigint, s: bigint, v: number | bigint): string => concat([word(r), word(s), toBeHex(BigInt(v), 1)]);

const key = new SigningKey(id("the key"));
const signer = computeAddress(key.publicKey).toLowerCase();

/** Signatures that are none of the key over the digest, by the kinds of fault that verifiers of this curve were found to have. */
function invalidVectors(): Vector[] {
  const vectors: Vector[] = [];
  for (let round = 0; round < 6; round += 1) {
    const digest = id(`message ${round}`);
    const { r: rHex, s: sHex, v } = key.sign(digest);
    const [r, s] = [BigInt(rHex), BigInt(sHex)];
    const add = (name: string, bytes: string, over = digest): void => {
      vectors.push({ name: `${name}, round ${round}`, digest: over, bytes });
    };
    const edges = [
      0n,
      1n,
      2n,
      order / 2n,
      order / 2n + 1n,
      order - 1n,
      order,
      order + 1n,
      prime - order,
      prime - 1n,
      prime,
      most,
    ];
    for (const edge of edges) {
      add(`r is ${edge}`, packed(edge, s, v));
      add(`s is ${edge}`, packed(r, edge, v));
      add(`r and s are ${edge}`, packed(edge, edge, v));
    }
    add("s of the other half", packed(r, order - s, v === 27 ? 28 : 27));
    add("s of the other half, same v", packed(r, order - s, v));
    add("the other parity", packed(r, s, v === 27 ? 28 : 27));
    add("r and s swapped", packed(s, r, v));
    add("r negated", packed(order - r, s, v));
    add("r and the order", packed(r + order, s, v));
    add("s and the order", packed(r, s + order, v));
    add("r less the order", packed(r - order, s, v));
    add("s doubled", packed(r, (2n * s) % order, v));
    for (const other of [0, 1, 2, 3, 26, 29, 30, 31, 35, 36, 37, 38, 127, 128, 255])
      add(`v is ${other}`, packed(r, s, other));
    for (const bit of [0n, 7n, 128n, 255n]) {
      add(`bit ${bit} of r`, packed(r ^ (1n << bit), s, v));
      add(`bit ${bit} of s`, packed(r, s ^ (1n << bit), v));
      add(`bit ${bit} of the digest`, packed(r, s, v), word(BigInt(digest) ^ (1n << bit)));
    }
    for (const over of [0n, 1n, order, most]) add(`digest ${over}`, packed(r, s, v), word(over));
    // s k = z, so that the key would be the point at infinity: R = k G with k known.
    const k = BigInt(id(`nonce ${round}`)) % order;
    const point = new SigningKey(word(k)).publicKey;
    const pointR = BigInt(`0x${point.slice(4, 68)}`);
    const parity = 27n + (BigInt(`0x${point.slice(68)}`) & 1n);
    for (const low of [1n, 2n, order / 2n])
      add(`infinity, s ${low}`, packed(pointR, low, parity), word((low * k) % order));
    const full = getBytes(packed(r, s, v));
    for (const length of [0, 1, 32, 63, 64])
      add(`${length} bytes`, `0x${Buffer.from(full.slice(0, length)).toString("hex")}`);
    for (const more of ["00", "1b", "00".repeat(31)]) add(`${65 + more.length / 2} bytes`, packed(r, s, v) + more);
    const compact = packed(r, s, v).slice(0, 66) + word(s | (BigInt(v - 27) << 255n)).slice(2);
    add("compact form", compact);
  }
  return vectors;
}

describe("signatures that are none, CHECKS 14", () => {
  const vectors = invalidVectors();
  let recover: (digest: string, bytes: string) => Promise<string>;
  let isValid: (key: string, digest: string, bytes: string) => Promise<boolean>;

  beforeAll(async () => {
    const { ethers } = await hre.network.create();
    const verifier = await ethers.deployContract("SignaturesTest");
    recover = verifier.getFunction("recover").staticCall as typeof recover;
    isValid = verifier.getFunction("isValid").staticCall as typeof isValid;
  });

  it("are more than three hundred", () => expect(vectors.length).toBeGreaterThan(301));

  it("are refused by the contract and by the gateway, who agree on whom they would name", async () => {
    for (const { name, digest, bytes } of vectors) {
      const onChain = (await recover(digest, bytes)).toLowerCase();
      const ours = recoverSigner(getBytes(digest), bytes as Hex) ?? zero;
      expect({ name, signer: ours }).toEqual({ name, signer: onChain });
      expect({ name, isKey: onChain === signer }).toEqual({ name, isKey: false });
      expect(await isValid(signer, digest, bytes)).toBe(false);
      expect(await isValid(zero, digest, bytes)).toBe(false);
    }
  });

  it("are next to true ones, which both accept", async () => {
    const digest = id("message 0");
    const { serialized } = key.sign(digest);
    expect(recoverSigner(getBytes(digest), serialized as Hex)).toBe(signer);
    expect((await recover(digest, serialized)).toLowerCase()).toBe(signer);
    expect(await isValid(signer, digest, serialized)).toBe(true);
  });
});
