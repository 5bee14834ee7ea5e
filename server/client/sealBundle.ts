import { getBytes, type Wallet } from "ethers";
import { canonicalBytes } from "../domain/entry.ts";
import { signDigest } from "../domain/signature.ts";
import type { Address, Hash, ParticipantId } from "../domain/ids.ts";
import { createBundleHasher, type SigningDomain } from "../domain/typedData.ts";
import type { BundleSignature } from "../proof/bundle.ts";

/** Signs a bundle: makes the line that follows its others. @param digest SHA-256 of all bytes before the first signature. */
export function sealBundle(
  log: SigningDomain,
  wallet: Wallet,
  participant: ParticipantId,
  digest: Hash,
  madeAt: number,
): Buffer {
  const signature = signDigest(createBundleHasher(log)({ digest, participant, madeAt }), getBytes(wallet.privateKey));
  const key = wallet.address.toLowerCase() as Address;
  const line: BundleSignature = { type: "signature", participant, key, madeAt, signature };
  return Buffer.concat([canonicalBytes(line), Buffer.from("\n")]);
}
