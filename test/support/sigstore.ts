import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";

/** An inclusion proof as bytes: `digest` stands at `index` of the tree of `size` entries with this root. */
export type Inclusion = {
  readonly digest: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/** Whether Sigstore's verifier, which we did not write, accepts a proof. Its leaf is SHA-256(0x00 || bytes): the digest is the bytes. */
export function sigstoreAccepts({ digest, index, size, root, path }: Inclusion): boolean {
  const entry = {
    canonicalizedBody: Buffer.from(digest),
    inclusionProof: { logIndex: String(index), hashes: path.map((node) => Buffer.from(node)) },
  };
  const checkpoint = { logSize: BigInt(size), logHash: Buffer.from(root) };
  try {
    verifyMerkleInclusion(entry as never, checkpoint as never);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== "TLOG_INCLUSION_PROOF_ERROR") throw error;
    return false;
  }
}

/** A copy with one bit turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit % 8)), at);
  return copy;
}
