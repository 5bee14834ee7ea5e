import { recoverAddress } from "ethers";
import type { Output } from "../../../server/api/routes.ts";
import type { AgreementId, Hash, ParticipantId } from "../../../server/domain/ids.ts";
import type { SignedRequest } from "../../../server/domain/usageRequest.ts";
import { SignatureForeign } from "../acts/signTerms.ts";
import { client } from "../api/client.ts";
import { toHex } from "../verifier/bytes.ts";
import { requestDigest, requestTypedData } from "../verifier/typedData.ts";
import type { Connection } from "../wallet/connect.ts";
import { canonicalSignature } from "../wallet/signature.ts";

/** What was signed, and what the gateway answered. */
export type Asked = { readonly signed: SignedRequest; readonly answer: Output<"use"> };

/** Has the wallet sign one statement and sends it. Whatever the wallet signed instead is not sent. */
export async function ask(
  { wallet, address }: Connection,
  { gateway, manifest }: Output<"gateway">,
  agreement: AgreementId,
  purpose: string,
  statement: string,
): Promise<Asked> {
  const domain = { chainId: manifest.chainId, verifyingContract: manifest.contracts.UsagePolicy.address };
  const request = {
    gateway: gateway as ParticipantId,
    agreement,
    purpose,
    statement,
    issuedAt: Math.floor(Date.now() / 1_000),
    nonce: toHex(crypto.getRandomValues(new Uint8Array(32))) as Hash,
  };
  const params = [address, requestTypedData(request, domain)];
  const signature = canonicalSignature(await wallet.provider.request({ method: "eth_signTypedData_v4", params }));
  if (recoverAddress(requestDigest(request, domain), signature).toLowerCase() !== address) throw new SignatureForeign();
  const signed = { request, signature };
  return { signed, answer: await client.use(signed) };
}
