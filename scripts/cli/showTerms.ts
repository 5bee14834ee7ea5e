import { numberFields } from "../../server/domain/dataset.ts";
import { zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Assurance, Disclosure, Terms } from "../../server/domain/terms.ts";
import { descriptionHash, participantId, policyHash } from "../../server/domain/typedData.ts";
import { Mistake } from "./context.ts";
import { inert, printFacts, printTable, writeTime } from "./print.ts";
import type { Names } from "./readNames.ts";

/** Terms under their id, and the policy's text. */
export type ShownTerms = { readonly id: AgreementId; readonly terms: Terms; readonly policy: string };

const disclosureTexts: { readonly [D in Disclosure]: string } = {
  Aggregate: "figures over groups of patients, and no rows",
  Deidentified: "rows without direct identifiers, linking numbers as pseudonyms",
  Identified: "rows with direct identifiers",
};

const assuranceTexts: { readonly [A in Assurance]: string } = {
  Receipt: "an answer leaves with the gateway's promise to anchor its entry",
  Anchored: "an answer leaves once its entry is on chain",
};

/**
 * Prints every term as a person reads it: facts, the policy's text, and the licensed fields with their levels. What the terms name by hash
 * alone is printed if it has that hash.
 * @param standing What else is known of them, such as their status.
 * @returns What is missing to know all that is agreed on; undefined if nothing is.
 */
export function showTerms(
  { id, terms, policy }: ShownTerms,
  names: Names,
  standing: Readonly<Record<string, string>> = { uses: `at most ${terms.maxUses}` },
): string | undefined {
  const isPolicy = policyHash(policy) === terms.policy;
  printFacts({
    id,
    ...standing,
    assigner: partyOf(names, terms.assigner),
    assignee: partyOf(names, terms.assignee),
    dataset: `${names.dataset(terms.dataset)} (${terms.dataset})`,
    purpose: inert(terms.purpose),
    rows: terms.rows === "" ? "all" : inert(terms.rows),
    disclosure: `${terms.disclosure}: ${disclosureTexts[terms.disclosure]}`,
    "smallest cohort": `${terms.minCohort} patients`,
    "rows an answer": `at most ${terms.maxRows}`,
    "valid from": writeTime(terms.validFrom),
    "valid until": `${writeTime(terms.validUntil)} (exclusive)`,
    assurance: `${terms.assurance}: ${assuranceTexts[terms.assurance]}`,
    replaces: terms.replaces === (zeroHash as string) ? "nothing" : terms.replaces,
    "policy hash": terms.policy,
  });
  // each line is marked, so that no policy can pass for terms
  console.log(isPolicy ? inert(policy.trim(), "lines").replace(/^/gm, "  | ") : "  the node shows another text");
  console.log("");
  const description = names.datasets.find(
    (dataset) => dataset.id === terms.dataset && descriptionHash(dataset.description) === terms.description,
  )?.description;
  if (description === undefined) console.log("The dataset's description has changed since; a new agreement is needed.");
  const licensed = (description === undefined ? [] : numberFields(description)).filter(
    ({ number }) => (terms.fields >> BigInt(number)) % 2n === 1n,
  );
  printTable(
    ["field", "type", "level"],
    licensed.map((field) => [inert(`${field.table}.${field.name}`), field.fieldType, field.level]),
  );
  console.log("");
  if (!isPolicy) return "the policy's text is not the one that the terms name";
  return description === undefined
    ? "the dataset was described anew since, so that the fields cannot be told"
    : undefined;
}

/** Shows terms to whoever is about to agree to them. Throws `Mistake` if not all of them can be shown: nobody signs blindly. */
export function showTermsToSign(shown: ShownTerms, names: Names, standing?: Readonly<Record<string, string>>): void {
  const missing = showTerms(shown, names, standing);
  if (missing !== undefined) throw new Mistake(`nothing was signed: ${missing}.`);
}

/** Name, registration number and id; the number only if the id is that of it. */
function partyOf(names: Names, id: Terms["assigner"]): string {
  const found = names.participants.find((participant) => participant.id === id);
  const isOwn = found !== undefined && participantId(found.registrationNumber) === id;
  return `${names.participant(id)} (${isOwn ? `${inert(found.registrationNumber)}, ` : ""}${id})`;
}
