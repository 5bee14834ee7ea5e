import { recoverAddress } from "ethers";
import { type Capacity, capacities } from "../../../server/domain/terms.ts";
import { chainDigest, chainHolds, registryOf } from "../chain/integrity.ts";
import { signingRequest, type Terms } from "../chain/terms.ts";
import { type Manifest, transact } from "../chain/transact.ts";
import type { Connection } from "../wallet/connect.ts";
import { canonicalSignature } from "../wallet/signature.ts";

/** Thrown when what the wallet signed is not what is shown, or the chain would have something else signed. */
export class SignatureForeign extends Error {
  override readonly name = "SignatureForeign";
}

/**
 * Has the wallet sign the very terms that are shown, and puts the signature on chain. Before that, the chain must hold the same terms and
 * expect the same digest; after it, the signature must be of that digest and by that account.
 */
export async function signTerms(
  connection: Connection,
  manifest: Manifest,
  id: string,
  terms: Terms,
  capacity: Capacity,
  signer: string,
): Promise<void> {
  const { wallet, address } = connection;
  const { digest, typedData } = signingRequest(terms, capacity, signer, registryOf(manifest));
  const number = capacities.indexOf(capacity);
  const isHeld = await chainHolds(wallet.provider, manifest, id, terms);
  if (!isHeld || (await chainDigest(wallet.provider, manifest, id, number, signer)) !== digest)
    throw new SignatureForeign();
  const params = [address, typedData];
  const signature = canonicalSignature(await wallet.provider.request({ method: "eth_signTypedData_v4", params }));
  if (recoverAddress(digest, signature).toLowerCase() !== address) throw new SignatureForeign();
  await transact(connection, manifest, "AgreementRegistry", "sign", [id, number, signer, signature]);
}
