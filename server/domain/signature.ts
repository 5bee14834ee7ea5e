import secp256k1 from "secp256k1";
import { toHex } from "./hash.ts";
import type { Address, Hex } from "./ids.ts";
import { keccak } from "./keccak.ts";

const signaturePattern = /^0x[0-9a-f]{130}$/;

/**
 * Recovers who signed a 32-byte digest. Accepts one form only: 65 bytes in lower-case hex, v 27 or 28, low s, r and s in range.
 * Returns undefined for every other.
 */
export function recoverSigner(digest: Uint8Array, signature: Hex): Address | undefined {
  if (!signaturePattern.test(signature)) return undefined;
  const bytes = Buffer.from(signature.slice(2), "hex");
  const compact = bytes.subarray(0, 64);
  const recovery = (bytes[64] ?? 0) - 27;
  if (recovery !== 0 && recovery !== 1) return undefined;
  try {
    const normal = secp256k1.signatureNormalize(Uint8Array.from(compact));
    if (!normal.every((byte, i) => byte === compact[i])) return undefined;
    return addressOf(secp256k1.ecdsaRecover(compact, recovery, digest, false));
  } catch {
    return undefined;
  }
}

/** Signs a 32-byte digest with a 32-byte private key, in the form that `recoverSigner` accepts. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Hex {
  const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey);
  return `0x${Buffer.from(signature).toString("hex")}${(27 + recid).toString(16)}`;
}

function addressOf(publicKey: Uint8Array): Address {
  return toHex<Address>(keccak(publicKey.subarray(1)).subarray(12));
}
