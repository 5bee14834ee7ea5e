import { createHash } from "node:crypto";
import { appendFileSync, createReadStream } from "node:fs";
import { getBytes, type Wallet } from "ethers";
import { canonicalBytes } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { Address, Hash } from "../domain/ids.ts";
import { signDigest } from "../domain/signature.ts";
import { createBundleHasher, type SigningDomain } from "../domain/typedData.ts";
import type { BundleLine, BundleParticipant, BundleSignature } from "../proof/bundle.ts";
import type { ParticipantRecord } from "../proof/keyHistory.ts";

/** Signs all that a bundle holds so far: adds the signer's own record and the signature. Gives SHA-256 of what it covers. */
export async function sealBundle(
  file: string,
  log: SigningDomain,
  wallet: Wallet,
  record: ParticipantRecord,
  madeAt: number,
): Promise<Hash> {
  appendFileSync(file, lineOf({ type: "participant", ...record } satisfies BundleParticipant));
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const digest = toHex<Hash>(hash.digest());
  const signed = createBundleHasher(log)({ digest, participant: record.id, madeAt });
  const signature = signDigest(signed, getBytes(wallet.privateKey));
  const key = wallet.address.toLowerCase() as Address;
  appendFileSync(
    file,
    lineOf({ type: "signature", participant: record.id, key, madeAt, signature } satisfies BundleSignature),
  );
  return digest;
}

const lineOf = (line: BundleLine): Buffer => Buffer.concat([canonicalBytes(line), Buffer.from("\n")]);
