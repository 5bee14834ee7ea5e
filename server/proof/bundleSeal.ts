import type { Address, Hash } from "../domain/ids.ts";
import { recoverSigner } from "../domain/signature.ts";
import { createBundleHasher } from "../domain/typedData.ts";
import type { BundleHeader, BundleSignature } from "./bundle.ts";
import { bundleDomain } from "./bundleDomain.ts";
import { actedAt, type ParticipantRecord } from "./keyHistory.ts";

/** A signature, what it covers, and the record of whose it is. */
export type Signed = BundleSignature & { readonly digest: Hash; readonly record: ParticipantRecord | undefined };

/** Those whose word the reader takes; without a choice of its own, all who signed. */
export function knownOf(signatures: readonly Signed[], signers: readonly Address[] | undefined): readonly Signed[] {
  return signatures.filter(({ key }) => signers?.includes(key) ?? true);
}

export function namesOf(signatures: readonly Signed[]): string {
  return signatures.map(({ participant, key, record }) => `${record?.name ?? participant} (${key})`).join(", ");
}

/** What is wrong with the signatures under a bundle; undefined if each is its key's, and one is known to the reader. */
export function sealProblem(
  header: BundleHeader | undefined,
  signatures: readonly Signed[],
  known: readonly Signed[],
): string | undefined {
  if (header === undefined || signatures.length === 0) return "nobody has signed the bundle";
  const hash = createBundleHasher(bundleDomain("AccessLog", header));
  for (const { digest, participant, key, madeAt, signature, record } of signatures) {
    if (recoverSigner(hash({ digest, participant, madeAt }), signature) !== key)
      return `${key} has not signed this bundle`;
    if (!actedAt(record?.keys ?? [], key, madeAt)) return `${key} did not act for whom it signed`;
  }
  return known.length > 0 ? undefined : "none of those who signed is one that you named";
}
