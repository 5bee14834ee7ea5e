import type { UsageEntry } from "../domain/entry.ts";
import { fromHex } from "../domain/hash.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { recoverSigner } from "../domain/signature.ts";
import {
  agreementId,
  agreementSigningDigest,
  descriptionHash,
  policyHash,
  type SigningDomain,
} from "../domain/typedData.ts";
import { type BundleAgreement, stoodAfter, wideTerms } from "./bundle.ts";
import { actedAt, type ParticipantRecord } from "./keyHistory.ts";

export type FindParticipant = (id: ParticipantId) => ParticipantRecord | undefined;

const regulator = 4;
/** By how much clocks may differ, in seconds. */
const clockGrace = 60;

/** What is wrong with the texts of an agreement; undefined if its id, policy and description are those of its terms. */
export function textProblem({ id, terms, policy, description }: BundleAgreement, registry: SigningDomain) {
  const told = `of agreement ${id}`;
  if (agreementId(wideTerms(terms), registry) !== id) return `the terms ${told} are others`;
  if (policyHash(policy) !== terms.policy) return `the policy text ${told} is another`;
  if (description === null) return `the description ${told} is missing`;
  return descriptionHash(description) === terms.description ? undefined : `the description ${told} is another`;
}

/** What is wrong with the signatures of an agreement; undefined if assigner, assignee and a regulator have signed its whole terms. */
export function signaturesProblem(agreement: BundleAgreement, registry: SigningDomain, find: FindParticipant) {
  const { id, terms, signatures } = agreement;
  const told = `agreement ${id}`;
  for (const { capacity, signer, key, signature, block } of signatures) {
    const digest = agreementSigningDigest(wideTerms(terms), capacity, signer, registry);
    if (recoverSigner(fromHex(digest), signature) !== key)
      return `${capacity} has not signed ${told}: the signature is another's`;
    const record = find(signer);
    const acted = record?.keys.filter(({ isDelegate }) => !isDelegate) ?? [];
    if (!actedAt(acted, key, block.time)) return `${capacity} has not signed ${told}: the key was not its own then`;
    const isRight =
      capacity === "Regulator"
        ? ((record?.roles ?? 0) & regulator) !== 0
        : signer === (capacity === "Assigner" ? terms.assigner : terms.assignee);
    if (!isRight) return `${told} was signed in the capacity of ${capacity} by somebody else`;
  }
  const missing = (["Assigner", "Assignee", "Regulator"] as const).find(
    (capacity) => !signatures.some((one) => one.capacity === capacity),
  );
  return missing && `${told} lacks the signature of ${missing}`;
}

/** What is wrong with a permitted use under its agreement; undefined if nothing is. */
export function problemOfUse(
  { gateway, agreement: id, purpose, signer, time: text, block }: UsageEntry,
  agreement: BundleAgreement | undefined,
  find: FindParticipant,
): string | undefined {
  if (agreement === undefined) return `agreement ${id} is missing`;
  const { terms, events } = agreement;
  const time = Date.parse(text) / 1_000;
  if (terms.purpose !== purpose) return "the agreement was made for another purpose";
  if (time < terms.validFrom - clockGrace || time >= terms.validUntil + clockGrace)
    return "the agreement was not valid at that time";
  if (!actedAt(find(terms.assignee)?.keys ?? [], signer, Math.floor(time)))
    return "the signer did not act for the assignee";
  if (find(gateway)?.hospital !== terms.assigner) return "the gateway does not act for the assigner";
  if (block === null || !stoodAfter(events, block.number)) return "the agreement was not in force at that block";
  // an event in between shows that the block was not the newest at that time
  const isOutdated = events.some((event) => event.block.number > block.number && event.block.time < time - clockGrace);
  if (isOutdated) return "the use was decided under a block that was not the newest";
  return undefined;
}
