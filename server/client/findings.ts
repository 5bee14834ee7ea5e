import { randomBytes } from "node:crypto";
import { getBytes, type Wallet } from "ethers";
import type { Finding, SignedFinding } from "../domain/finding.ts";
import { toHex, zeroHash } from "../domain/hash.ts";
import { signDigest } from "../domain/signature.ts";
import { createFindingHasher, type SigningDomain } from "../domain/typedData.ts";

/** Signs a finding about entries with the present time and a random nonce; with `finding` and `previous`, a further revision. */
export function signFinding(
  wallet: Wallet,
  log: SigningDomain,
  found: Pick<Finding, "gateway" | "entries" | "severity" | "state" | "text"> &
    Partial<Pick<Finding, "finding" | "previous">>,
): SignedFinding {
  const at = Math.floor(Date.now() / 1_000);
  const finding = { finding: zeroHash, previous: zeroHash, ...found, at, nonce: toHex(randomBytes(32)) };
  return { finding, signature: signDigest(createFindingHasher(log)(finding), getBytes(wallet.privateKey)) };
}
