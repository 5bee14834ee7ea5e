import { TypedDataEncoder } from "ethers";
import { expect, it } from "vitest";
import { createRandom } from "../../scripts/demo/random.ts";
import { toHex } from "../../server/domain/hash.ts";
import type { Address, AgreementId, Hash, ParticipantId } from "../../server/domain/ids.ts";
import {
  createReceiptHasher,
  createRequestHasher,
  eip712Domain,
  receiptBatchTypes,
  usageRequestTypes,
} from "../../server/domain/typedData.ts";

const random = createRandom("typed data");
const randomBytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));
const domain = { chainId: 2 ** 31, verifyingContract: toHex<Address>(randomBytes(20)) };
const bytes32 = <T extends `0x${string}`>(): T =>
  toHex<T>(random.integer(0, 7) === 0 ? Buffer.alloc(32) : randomBytes(32));
const alphabet = ["a", "Z", "0", " ", "\n", "é", "黄", "疸", "👶", "\u{10ffff}", "\\", '"', "e\u0301"];
const text = (): string =>
  Array.from({ length: random.integer(0, 59) }, () => random.pick(alphabet))
    .join("")
    .repeat(random.integer(1, 5));
const uint = (bits: 48 | 53): number => random.pick([0, 1, 2 ** bits - 1, random.integer(0, 2 ** 47)]);
const runs = 10_000;

it(`hashes ${runs} random usage requests as ethers does (CHECKS 15)`, () => {
  const hash = createRequestHasher(domain);
  for (let run = 0; run < runs; run += 1) {
    const request = {
      gateway: bytes32<ParticipantId>(),
      agreement: bytes32<AgreementId>(),
      purpose: text(),
      statement: text(),
      issuedAt: uint(48),
      nonce: bytes32<Hash>(),
    };
    expect(hash(request)).toBe(TypedDataEncoder.hash(eip712Domain(domain), usageRequestTypes, request));
  }
});

it(`hashes ${runs} random receipt batches as ethers does (CHECKS 15)`, () => {
  const hash = createReceiptHasher(domain);
  for (let run = 0; run < runs; run += 1) {
    const batch = {
      gateway: bytes32<ParticipantId>(),
      start: uint(53),
      count: uint(53),
      root: bytes32<Hash>(),
      issuedAt: uint(48),
      deadline: uint(48),
    };
    expect(toHex(hash(batch))).toBe(TypedDataEncoder.hash(eip712Domain(domain), receiptBatchTypes, batch));
  }
});
