import { randomBytes } from "node:crypto";
import { getBytes, type Wallet } from "ethers";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import { signDigest } from "../domain/signature.ts";
import { createRequestHasher, type SigningDomain } from "../domain/typedData.ts";
import type { SignedRequest, UsageRequest } from "../domain/usageRequest.ts";

/** Signs a request anew: with the present time and a random nonce. */
export function signRequest(
  wallet: Wallet,
  policy: SigningDomain,
  asked: Pick<UsageRequest, "gateway" | "agreement" | "purpose" | "statement">,
): SignedRequest {
  const request = { ...asked, issuedAt: Math.floor(Date.now() / 1_000), nonce: toHex<Hash>(randomBytes(32)) };
  const digest = fromHex(createRequestHasher(policy)(request));
  return { request, signature: signDigest(digest, getBytes(wallet.privateKey)) };
}
