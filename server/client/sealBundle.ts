import type { Hash as Hasher } from "node:crypto";
import { appendFileSync } from "node:fs";
import { getBytes, type Wallet } from "ethers";
import { canonicalBytes } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { Address, Hash } from "../domain/ids.ts";
import { signDigest } from "../domain/signature.ts";
import { createBundleHasher, type SigningDomain } from "../domain/typedData.ts";
import type { BundleLine, BundleParticipant, BundleSignature } from "../proof/bundle.ts";
import type { ParticipantRecord } from "../proof/keyHistory.ts";

/**
 * Signs what was read of a bundle: adds the signer's own record and the signature. Gives SHA-256 of what it covers.
 * @param read SHA-256 over all that the file holds, not finished yet.
 */
export function sealBundle(
  file: string,
  read: Hasher,
  log: SigningDomain,
  wallet: Wallet,
  record: ParticipantRecord,
  madeAt: number,
): Hash {
  const own = lineOf({ type: "participant", ...record } satisfies BundleParticipant);
  const digest = toHex<Hash>(read.copy().update(own).digest());
  const signed = createBundleHasher(log)({ digest, participant: record.id, madeAt });
  const signature = signDigest(signed, getBytes(wallet.privateKey));
  const key = wallet.address.toLowerCase() as Address;
  const seal = lineOf({ type: "signature", participant: record.id, key, madeAt, signature } satisfies BundleSignature);
  appendFileSync(file, Buffer.concat([own, seal]));
  return digest;
}

const lineOf = (line: BundleLine): Buffer => Buffer.concat([canonicalBytes(line), Buffer.from("\n")]);
