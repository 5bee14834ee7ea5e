import { recoverAddress } from "ethers";
import type { Input, Output } from "../../../server/api/routes.ts";
import { SignatureForeign } from "../acts/signTerms.ts";
import { client } from "../api/client.ts";
import { zeroId } from "../chain/zeroId.ts";
import { toHex } from "../verifier/bytes.ts";
import { findingDigest, findingTypedData } from "../verifier/typedData.ts";
import type { Connection } from "../wallet/connect.ts";
import { canonicalSignature } from "../wallet/signature.ts";

type Finding = Input<"recordFinding">["finding"];

/** What a regulator writes; `finding` and `previous` are those of the revision that it follows. */
export type Written = Pick<Finding, "entries" | "severity" | "state" | "text"> &
  Partial<Pick<Finding, "finding" | "previous">>;

/** Has the wallet sign a finding and records it. */
export async function signFinding(
  { wallet, address }: Connection,
  { gateway, manifest }: Output<"gateway">,
  written: Written,
): Promise<Output<"recordFinding">> {
  const { chainId, contracts } = manifest;
  const domain = { chainId, verifyingContract: contracts.AccessLog.address };
  const finding = {
    gateway,
    finding: zeroId as Finding["finding"],
    previous: zeroId as Finding["previous"],
    ...written,
    at: Math.floor(Date.now() / 1_000),
    nonce: toHex(crypto.getRandomValues(new Uint8Array(32))) as Finding["nonce"],
  };
  const params = [address, findingTypedData(finding, domain)];
  const signature = canonicalSignature(await wallet.provider.request({ method: "eth_signTypedData_v4", params }));
  const digest = findingDigest(finding, domain);
  if (recoverAddress(digest, signature).toLowerCase() !== address) throw new SignatureForeign();
  return client.recordFinding({ finding, signature });
}
