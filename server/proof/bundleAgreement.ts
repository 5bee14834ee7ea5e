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

/** What is wrong with the signatures of an agreement, if anything is, and which of them are not their key's own, in words. */
export type JudgedSignatures = { readonly problem: string | undefined; readonly foreign: readonly string[] };

/**
 * Judges whether assigner, assignee and as many regulators as had to have signed the whole terms of an agreement. A signature that is not
 * its key's own proves nothing here: only the chain can tell whether a contract wallet (ERC-1271) accepted it, and only for the terms that
 * the agreement's id stands for.
 */
export function judgeSignatures(
  agreement: BundleAgreement,
  registry: SigningDomain,
  find: FindParticipant,
): JudgedSignatures {
  const { id, terms, signatures } = agreement;
  const foreign = signatures
    .filter((one) => !isOwn(agreement, one, registry))
    .map(({ capacity, key }) => `the signature of ${capacity} under agreement ${id} is not that of its own key ${key}`);
  const isAltered = agreementId(wideTerms(terms), registry) !== id;
  const [first] = foreign;
  const over = isAltered && first !== undefined ? `${first} over these terms` : undefined;
  const wrong = signatures.map((one) => signatureProblem(agreement, one, find)).find(Boolean);
  return { problem: over ?? wrong ?? missingProblem(agreement), foreign };
}

type Signature = BundleAgreement["signatures"][number];

function isOwn({ terms }: BundleAgreement, { capacity, signer, key, signature }: Signature, registry: SigningDomain) {
  const digest = agreementSigningDigest(wideTerms(terms), capacity, signer, registry);
  return recoverSigner(fromHex(digest), signature) === key;
}

function signatureProblem({ id, terms }: BundleAgreement, one: Signature, find: FindParticipant): string | undefined {
  const { capacity, signer, key, block } = one;
  const record = find(signer);
  const acted = record?.keys.filter(({ isDelegate }) => !isDelegate) ?? [];
  if (!actedAt(acted, key, block.time))
    return `${capacity} has not signed agreement ${id}: the key was not its own then`;
  const isRight =
    capacity === "Regulator"
      ? ((record?.roles ?? 0) & regulator) !== 0
      : signer === (capacity === "Assigner" ? terms.assigner : terms.assignee);
  return isRight ? undefined : `agreement ${id} was signed in the capacity of ${capacity} by somebody else`;
}

function missingProblem({ id, signatures, approvals }: BundleAgreement): string | undefined {
  const missing = (["Assigner", "Assignee"] as const).find(
    (capacity) => !signatures.some((one) => one.capacity === capacity),
  );
  if (missing !== undefined) return `agreement ${id} lacks the signature of ${missing}`;
  const regulators = new Set(signatures.filter(({ capacity }) => capacity === "Regulator").map(({ signer }) => signer));
  const demanded = Math.max(1, approvals ?? 1);
  return regulators.size < demanded
    ? `agreement ${id} lacks the signature of Regulator: ${demanded} had to sign, and ${regulators.size} did`
    : undefined;
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
