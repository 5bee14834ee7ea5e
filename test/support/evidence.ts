import { Wallet } from "ethers";
import { canonicalBytes, entryDigest, type UsageEntry } from "../../server/domain/entry.ts";
import { fromHex, sha256, toHex } from "../../server/domain/hash.ts";
import type { Address, AgreementId, Hash, ParticipantId } from "../../server/domain/ids.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import type { Result } from "../../server/domain/result.ts";
import { signDigest } from "../../server/domain/signature.ts";
import { createReceiptHasher, createRequestHasher, type SigningDomain } from "../../server/domain/typedData.ts";
import type { UsageRequest } from "../../server/domain/usageRequest.ts";
import type { ChainFacts, Evidence } from "../../server/proof/verifyReceipt.ts";
import { createBatchSigner, createReceiptWriter } from "../../server/usage/receipts.ts";

/** 32 bytes that say nothing else than that they differ from others. */
export const bytes32 = <T extends string = Hash>(text: string): T => toHex(sha256(Buffer.from(text))) as string as T;

const address = (text: string): Address => bytes32<Address>(text).slice(0, 42) as Address;

/** A gateway with its log, without a chain: what it answers, and what a chain would say of it. */
export type PaperGateway = {
  readonly id: ParticipantId;
  readonly key: Address;
  /** Answers one use, after `before` entries, as the place-th of a batch of `count`. */
  readonly answer: (asked: Asked) => { readonly evidence: Evidence; readonly facts: ChainFacts };
};

export type Asked = {
  readonly statement: string;
  readonly refused?: boolean;
  readonly before?: number;
  readonly place?: number;
  readonly count?: number;
  readonly after?: number;
};

export const accessLog: SigningDomain = { chainId: 31_337, verifyingContract: address("access log") };
export const usagePolicy: SigningDomain = { chainId: 31_337, verifyingContract: address("usage policy") };
const consumer = new Wallet(bytes32("consumer's key"));
const now = 1_790_000_000;

/** @param promiseSeconds Within how many seconds its receipts promise an anchor. */
export function createPaperGateway(name: string, promiseSeconds = 60): PaperGateway {
  const wallet = new Wallet(bytes32(`${name}'s key`));
  const key = wallet.address.toLowerCase() as Address;
  const id = bytes32<ParticipantId>(name);
  const write = createReceiptWriter(id);
  const sign = createBatchSigner(
    id,
    fromHex(bytes32(`${name}'s key`)),
    createReceiptHasher(accessLog),
    promiseSeconds,
    () => now,
  );

  const newEntry = (request: UsageRequest, result: Result | undefined): UsageEntry => ({
    type: "datapact/entry/1",
    gateway: id,
    time: new Date(now * 1_000).toISOString(),
    request: createRequestHasher(usagePolicy)(request),
    agreement: request.agreement,
    signer: consumer.address.toLowerCase() as Address,
    purpose: request.purpose,
    outcome: result === undefined ? "Denied" : "Permitted",
    reason: result === undefined ? "PurposeMismatch" : null,
    block: { number: 12, hash: bytes32("block 12") },
    result:
      result === undefined
        ? null
        : {
            digest: toHex(sha256(canonicalBytes(result))),
            bytes: canonicalBytes(result).length,
            rows: result.rows.length,
          },
    salt: bytes32(`salt of ${request.statement}`),
  });

  return {
    id,
    key,
    answer: ({ statement, refused = false, before = 3, place = 1, count = 5, after = 4 }) => {
      const request: UsageRequest = {
        gateway: id,
        agreement: bytes32<AgreementId>("agreement"),
        purpose: "DUO:0000007",
        statement,
        issuedAt: now,
        nonce: bytes32(`nonce of ${statement}`),
      };
      const signature = signDigest(
        fromHex(createRequestHasher(usagePolicy)(request)),
        fromHex(consumer.privateKey as Hash),
      );
      const result: Result | undefined = refused
        ? undefined
        : {
            columns: [
              { name: "count", type: "Integer" },
              { name: statement, type: "Boolean" },
            ],
            rows: [
              ["120", true],
              ["35", null],
            ],
          };
      const entry = newEntry(request, result);
      const others = (from: number, to: number): Buffer[] =>
        Array.from({ length: to - from }, (_, i) => fromHex(bytes32(`${name} entry ${from + i}`)));
      const digests = others(before, before + count).with(place, fromHex(entryDigest(entry)));
      const receipt = write({
        index: before + place,
        batch: { start: before, digests, promise: sign(before, digests) },
      });
      const tree = createMerkleTree();
      tree.append([...others(0, before), ...digests, ...others(before + count, before + count + after)]);
      const size = tree.size();
      const inclusion = {
        size,
        root: toHex<Hash>(tree.root(size)),
        path: tree.path(receipt.index, size).map((node) => toHex<Hash>(node)),
      };
      return {
        evidence: { signed: { request, signature }, entry, receipt, ...(result === undefined ? {} : { result }) },
        facts: {
          chain: undefined,
          log: undefined,
          accessLog,
          usagePolicy,
          isGatewayKey: (asked: Address) => asked === key,
          block: { hash: bytes32<Hash>("block 12"), time: now - 1, nextTime: now + 5 },
          agreement: {
            terms: { purpose: request.purpose, validFrom: now - 100, validUntil: now + 1_000 },
            partiesActed: true,
            stood: true,
          },
          inclusion,
        },
      };
    },
  };
}

export type Path = readonly (string | number)[];

/** The paths of all values in JSON data that hold no others. */
export function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    leafPaths(member, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

/** A copy of JSON data in which the value at `path` is replaced; undefined takes it out. */
export function replaceAt<T>(value: T, path: Path, replace: (old: unknown) => unknown): T {
  const copy = structuredClone(value);
  const [last, ...above] = path.toReversed();
  let holder = copy as Record<string | number, unknown>;
  for (const name of above.toReversed()) holder = holder[name] as Record<string | number, unknown>;
  const changed = replace(holder[last ?? ""]);
  if (changed === undefined) delete holder[last ?? ""];
  else holder[last ?? ""] = changed;
  return copy;
}

/** Another value of the same kind: the least change that is one. */
export function alter(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "altered";
  if (!/^0x[0-9a-f]+$/.test(value)) return `${value}.`;
  const last = value.at(-1);
  return `${value.slice(0, -1)}${last === "0" ? "1" : "0"}`;
}
