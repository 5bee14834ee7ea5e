import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { ed25519Key, isOfSmallOrder, verifyEd25519 } from "../../server/domain/ed25519.ts";

const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const mod = (number: bigint): bigint => ((number % prime) + prime) % prime;
const power = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
};
const d = mod(-121665n * power(121666n, prime - 2n));

/** y after doubling a point, of which x occurs squared only: x^2 = (y^2 - 1) / (d y^2 + 1). */
function doubled(y: bigint): bigint {
  const x2 = mod((y * y - 1n) * power(d * y * y + 1n, prime - 2n));
  return mod((y * y + x2) * power(1n - d * x2 * y * y, prime - 2n));
}
const orderDivides8 = (y: bigint): boolean => doubled(doubled(doubled(mod(y)))) === 1n;

const weak = [
  0n,
  1n,
  numberOf(Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex")),
  numberOf(Buffer.from("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "hex")),
  prime - 1n,
  prime,
  prime + 1n,
].flatMap((y) => [bytesOf(y), bytesOf(y + 2n ** 255n)]);

it("keys of small order are known, however they are written, and no others", () => {
  for (const key of weak) {
    expect(orderDivides8(numberOf(key) % 2n ** 255n)).toBe(true);
    expect(isOfSmallOrder(key), key.toString("hex")).toBe(true);
  }
  for (let i = 0; i < 50; i += 1) {
    const { publicKey } = ed25519Key(createHash("sha256").update(String(i)).digest());
    expect(orderDivides8(numberOf(publicKey) % 2n ** 255n)).toBe(false);
    expect(isOfSmallOrder(publicKey)).toBe(false);
  }
});

it("what anyone could have signed is signed by nobody", () => {
  const seed = Buffer.alloc(32, 7);
  const { publicKey, sign } = ed25519Key(seed);
  const message = Buffer.from("a fork");
  expect(verifyEd25519(publicKey, message, sign(message))).toBe(true);
  const secret = createHash("sha512").update(seed).digest().subarray(0, 32);
  secret.writeUInt8(secret.readUInt8(0) & 248, 0);
  secret.writeUInt8((secret.readUInt8(31) & 127) | 64, 31);
  // under the neutral element S B = R holds for any message
  const forged = Buffer.concat([publicKey, bytesOf(numberOf(secret) % order)]);
  for (const key of weak) expect(verifyEd25519(key, message, forged)).toBe(false);
});
