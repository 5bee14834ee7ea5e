import type { ContractName } from "../domain/manifest.ts";
import type { SigningDomain } from "../domain/typedData.ts";
import type { BundleHeader } from "./bundle.ts";

/** Under which domain it was signed what a bundle holds. */
export function bundleDomain(name: ContractName, { manifest }: Pick<BundleHeader, "manifest">): SigningDomain {
  return { chainId: manifest.chainId, verifyingContract: manifest.contracts[name].address };
}
