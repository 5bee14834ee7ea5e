import { type Cbor, decodeCbor, encodeCbor } from "../domain/cbor.ts";
import { type Ed25519Key, verifyEd25519 } from "../domain/ed25519.ts";
import { rootFromPath, type TreeHead } from "../domain/merkle.ts";

/** Labels of RFC 9942 and of the COSE registry. */
const labels = { algorithm: 1, keyId: 4, claims: 15, structure: 395, proofs: 396, inclusion: -1, issuer: 1 } as const;
const ed25519 = -19;
const rfc9162Sha256 = 1;
const sign1 = 18;

/** An inclusion proof as it stands in a receipt. */
export type InclusionProof = { readonly size: number; readonly index: number; readonly path: readonly Uint8Array[] };

/** What a COSE receipt says, and whether its key signed the root that its proof leads to. */
export type CoseReceipt = InclusionProof & {
  /** Whose log it is: the origin of its checkpoints. */
  readonly issuer: string;
  /** The public key of Ed25519 that it names; the reader compares it with the one that it knows. */
  readonly key: Buffer;
  /** The root that the proof leads to from an entry's digest, if the key signed it; undefined if not. */
  readonly rootOver: (digest: Uint8Array) => Buffer | undefined;
};

/**
 * Writes a COSE receipt (RFC 9942, RFC9162_SHA256): the key's signature over the root, which is left out and follows from the proof.
 * The tree must have more than one entry: the format knows no empty path.
 */
export function writeCoseReceipt(
  issuer: string,
  head: TreeHead,
  index: number,
  path: readonly Uint8Array[],
  key: Ed25519Key,
): Buffer {
  if (path.length === 0) throw new RangeError("a COSE receipt needs a path");
  const header = new Map<number, Cbor>([
    [labels.algorithm, ed25519],
    [labels.keyId, key.publicKey],
    [labels.claims, new Map([[labels.issuer, issuer]])],
    [labels.structure, rfc9162Sha256],
  ]);
  const protectedHeader = encodeCbor(header);
  const proof = encodeCbor([head.size, index, path]);
  const proofs = new Map<number, Cbor>([[labels.proofs, new Map<number, Cbor>([[labels.inclusion, [proof]]])]]);
  const signature = key.sign(signedBytes(protectedHeader, head.root));
  return encodeCbor({ tag: sign1, value: [protectedHeader, proofs, null, signature] });
}

/** Reads a COSE receipt; undefined if it is none of one RFC 9162 inclusion proof, signed with Ed25519 over a root that is left out. */
export function readCoseReceipt(bytes: Uint8Array): CoseReceipt | undefined {
  const [protectedHeader, unprotected, payload, signature, ...more] = partsOf(decodeCbor(bytes));
  if (!isBytes(protectedHeader) || !isBytes(signature) || payload !== null || more.length > 0) return undefined;
  const header = decodeCbor(protectedHeader);
  if (memberOf(header, labels.algorithm) !== ed25519 || memberOf(header, labels.structure) !== rfc9162Sha256)
    return undefined;
  const issuer = memberOf(memberOf(header, labels.claims), labels.issuer);
  const key = memberOf(header, labels.keyId);
  const proof = readProof(memberOf(memberOf(unprotected, labels.proofs), labels.inclusion));
  if (typeof issuer !== "string" || !isBytes(key) || proof === undefined) return undefined;
  return {
    ...proof,
    issuer,
    key: Buffer.from(key),
    rootOver: (digest) => {
      const root = rootFromPath(digest, proof.index, proof.size, proof.path);
      return root && verifyEd25519(key, signedBytes(protectedHeader, root), signature) ? root : undefined;
    },
  };
}

function readProof(proofs: unknown): InclusionProof | undefined {
  if (!Array.isArray(proofs) || proofs.length !== 1 || !isBytes(proofs[0])) return undefined;
  const read: unknown = decodeCbor(proofs[0]);
  if (!Array.isArray(read) || read.length !== 3) return undefined;
  const [size, index, path] = read as unknown[];
  const isProof = isCount(size) && isCount(index) && Array.isArray(path) && path.length > 0 && path.every(isBytes);
  return isProof ? { size, index, path } : undefined;
}

/** What is signed (RFC 9052, 4.4), with the root as the payload that was left out. */
const signedBytes = (protectedHeader: Uint8Array, root: Uint8Array): Uint8Array =>
  encodeCbor(["Signature1", protectedHeader, new Uint8Array(), root]);

function partsOf(message: Cbor | undefined): readonly unknown[] {
  const { tag, value } = (message ?? {}) as { tag?: unknown; value?: unknown };
  return tag === sign1 && Array.isArray(value) ? value : [];
}

const memberOf = (map: unknown, label: number): unknown =>
  map instanceof Map ? (map.get(label) as unknown) : undefined;
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
