import { randomBytes } from "node:crypto";
import { keccak256, Transaction, Wallet } from "ethers";
import { afterAll, describe, expect, it } from "vitest";
import { toHex } from "../../server/domain/hash.ts";
import { keccak, speedUpEthers } from "../../server/domain/keccak.ts";

const own = keccak256._;
afterAll(() => keccak256.register(own));

/** Around the 136 bytes that are absorbed at once, and one as long as a full append. */
const lengths = [0, 1, 31, 32, 64, 135, 136, 137, 271, 272, 273, 1_000, 131_072];

describe("keccak", () => {
  it("hashes nothing and `abc` as Ethereum does", () => {
    expect(toHex(keccak(Buffer.alloc(0)))).toBe("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    expect(toHex(keccak(Buffer.from("abc")))).toBe(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it.each(lengths)("hashes %i bytes as ethers does by itself", (length) => {
    const bytes = randomBytes(length);
    expect(toHex(keccak(bytes))).toBe(keccak256(bytes));
    expect(toHex(keccak(Buffer.concat([randomBytes(7), bytes]).subarray(7)))).toBe(toHex(keccak(bytes)));
  });

  it("leaves a hash as it was when the next is made", () => {
    const first = keccak(Buffer.from("first"));
    const told = toHex(first);
    keccak(Buffer.from("second"));
    expect(toHex(first)).toBe(told);
  });

  it("lets ethers hash with it: the same transaction has the same hash", async () => {
    const wallet = new Wallet(`0x${"11".repeat(32)}`);
    const sign = (): Promise<string> =>
      wallet.signTransaction({ to: wallet.address, data: "0x1234", nonce: 1, gasLimit: 1n, gasPrice: 1n, chainId: 1 });
    const before = await sign();
    speedUpEthers();
    expect(await sign()).toBe(before);
    expect(Transaction.from(before).hash).toBe(toHex(keccak(Buffer.from(before.slice(2), "hex"))));
  });
});
