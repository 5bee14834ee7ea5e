import { AbiCoder, keccak256, TypedDataEncoder, type TypedDataField, toUtf8Bytes } from "ethers";
import type { Description } from "./dataset.ts";
import { fieldLevels, fieldTypes } from "./dataset.ts";
import type { Finding } from "./finding.ts";
import { fromHex, toHex } from "./hash.ts";
import type { Address, AgreementId, DatasetId, Hash, ParticipantId, RequestDigest } from "./ids.ts";
import { keccak } from "./keccak.ts";
import type { ReceiptBatch } from "./receipt.ts";
import type { Capacity, Terms } from "./terms.ts";
import type { UsageRequest } from "./usageRequest.ts";

/** The EIP-712 domain of one of our contracts. */
export type SigningDomain = { readonly chainId: number; readonly verifyingContract: Address };

type Types = Record<string, TypedDataField[]>;

/** Reads `type name,type name` as the members of an EIP-712 struct. */
function members(text: string): TypedDataField[] {
  return text.split(",").map((member) => {
    const [type = "", name = ""] = member.split(" ");
    return { type, name };
  });
}

const termsMembers = members(
  "bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows," +
    "string disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,string assurance," +
    "bytes32 policy,bytes32 replaces,bytes32 salt",
);

/** EIP-712 types of an agreement's terms; their digest is the agreement's id. */
export const termsTypes: Types = { Terms: termsMembers };

/** EIP-712 types of what a participant signs: the whole terms, and in which capacity. */
export const signatureTypes: Types = {
  Signature: members("string capacity,bytes32 signer,Terms terms"),
  Terms: termsMembers,
};

/** EIP-712 types of a usage request, signed by the assignee's key or a delegate's for one gateway. */
export const usageRequestTypes: Types = {
  UsageRequest: members(
    "bytes32 gateway,bytes32 agreement,string purpose,string statement,uint48 issuedAt,bytes32 nonce",
  ),
};

/** EIP-712 types of what a gateway signs: one signature for the receipts of one batch. */
export const receiptBatchTypes: Types = {
  ReceiptBatch: members("bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline"),
};

/** EIP-712 types of what a regulator signs about entries; its domain is that of the log. */
export const findingTypes: Types = {
  Finding: members(
    "bytes32 gateway,bytes32 finding,bytes32 previous,uint64[] entries,string severity,string state,string text,uint48 at,bytes32 nonce",
  ),
};

/** EIP-712 types of what signs an evidence bundle: SHA-256 of its bytes up to there, for whom, and when (unix seconds). */
export const bundleTypes: Types = { Bundle: members("bytes32 digest,bytes32 participant,uint48 madeAt") };

export function eip712Domain(domain: SigningDomain): { name: string; version: string } & SigningDomain {
  return { name: "Datapact", version: "1", ...domain };
}

/** Makes a hasher of one struct type under one domain. Caches what never changes. */
function createHasher<T>(types: Types, domain: SigningDomain): (message: T) => Buffer {
  const encoder = TypedDataEncoder.from(types);
  const sign = createSigningHash(domain);
  return (message) => sign(fromHex(encoder.hash(message as Record<string, unknown>) as Hash));
}

/** The digest that is signed for the hash of a struct (EIP-712): keccak256 of 0x1901, the domain's separator and that hash. */
function createSigningHash(domain: SigningDomain): (struct: Uint8Array) => Buffer {
  const prefix = fromHex(`0x1901${TypedDataEncoder.hashDomain(eip712Domain(domain)).slice(2)}`);
  return (struct) => keccak(Buffer.concat([prefix, struct]));
}

/**
 * The same for a struct of bytes32, uint48, uint64 and string members alone, several times as fast as the general encoder: it stands in the way
 * of every request.
 */
function createFlatHasher<T extends object>(types: Types, domain: SigningDomain): (message: T) => Buffer {
  const { primaryType } = TypedDataEncoder.from(types);
  const fields = types[primaryType] ?? [];
  const typeHash = keccak(Buffer.from(TypedDataEncoder.from(types).encodeType(primaryType)));
  const sign = createSigningHash(domain);
  return (message) => {
    const words = Buffer.alloc(32 * (fields.length + 1));
    typeHash.copy(words);
    fields.forEach(({ name, type }, i) => {
      const value: unknown = message[name as keyof T];
      const at = 32 * (i + 1);
      if (type === "bytes32") fromHex(value as Hash).copy(words, at);
      else if (type === "string") keccak(Buffer.from(value as string)).copy(words, at);
      else words.writeBigUInt64BE(BigInt(value as number), at + 24);
    });
    return sign(keccak(words));
  };
}

export function agreementId(terms: Terms, registry: SigningDomain): AgreementId {
  return `0x${createHasher<Terms>(termsTypes, registry)(terms).toString("hex")}` as AgreementId;
}

export function agreementSigningDigest(
  terms: Terms,
  capacity: Capacity,
  signer: ParticipantId,
  registry: SigningDomain,
): Hash {
  const hash = createHasher<{ capacity: Capacity; signer: ParticipantId; terms: Terms }>(signatureTypes, registry);
  return `0x${hash({ capacity, signer, terms }).toString("hex")}` as Hash;
}

export function createRequestHasher(policy: SigningDomain): (request: UsageRequest) => RequestDigest {
  const hash = createFlatHasher<UsageRequest>(usageRequestTypes, policy);
  return (request) => `0x${hash(request).toString("hex")}` as RequestDigest;
}

export function createReceiptHasher(log: SigningDomain): (batch: ReceiptBatch) => Buffer {
  return createFlatHasher<ReceiptBatch>(receiptBatchTypes, log);
}

export function createFindingHasher(log: SigningDomain): (finding: Finding) => Buffer {
  return createHasher<Finding>(findingTypes, log);
}

/** What is signed of a bundle. */
export type BundleSeal = { readonly digest: Hash; readonly participant: ParticipantId; readonly madeAt: number };

export function createBundleHasher(log: SigningDomain): (seal: BundleSeal) => Buffer {
  return createFlatHasher<BundleSeal>(bundleTypes, log);
}

/** Id of a legal entity: keccak256 of its public registration number. */
export function participantId(registrationNumber: string): ParticipantId {
  return toHex<ParticipantId>(keccak(toUtf8Bytes(registrationNumber)));
}

/** Id of a dataset: keccak256 of the ABI encoding of holder and name. */
export function datasetId(holder: ParticipantId, name: string): DatasetId {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "string"], [holder, name])) as DatasetId;
}

const descriptionType =
  "tuple(string title, tuple(string name, string patientKey, tuple(string name, uint8 fieldType, uint8 level)[] fields)[] tables, " +
  "tuple(string left, string right)[] joins)";

/** A description as the contracts take it: enum members as numbers. */
export function encodedDescription(description: Description) {
  return {
    title: description.title,
    tables: description.tables.map(({ name, patientKey, fields }) => ({
      name,
      patientKey,
      fields: fields.map((field) => ({
        name: field.name,
        fieldType: fieldTypes.indexOf(field.fieldType),
        level: fieldLevels.indexOf(field.level),
      })),
    })),
    joins: description.joins.map(({ left, right }) => ({ left, right })),
  };
}

/** keccak256 of the ABI encoding of a description, as the dataset registry computes it. */
export function descriptionHash(description: Description): Hash {
  return keccak256(AbiCoder.defaultAbiCoder().encode([descriptionType], [encodedDescription(description)])) as Hash;
}

/** keccak256 of a policy text. */
export function policyHash(text: string): Hash {
  return toHex(keccak(toUtf8Bytes(text)));
}
