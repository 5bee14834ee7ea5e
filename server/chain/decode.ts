import { type Description, fieldLevels, fieldTypes } from "../domain/dataset.ts";
import type { AgreementId, DatasetId, Hash, ParticipantId } from "../domain/ids.ts";
import { assurances, disclosures, type Terms } from "../domain/terms.ts";

/** A decoded value of our contracts, its members by name. */
// biome-ignore lint/suspicious/noExplicitAny: the ABI has fixed the shape; this file is where it gets a type
type Decoded = any;

function member<T>(list: readonly T[], number: bigint): T {
  const found = list[Number(number)];
  if (found === undefined)
    throw new Error(`the chain shows member ${number} of an enumeration that ends at ${list.length - 1}`);
  return found;
}

export function toTerms(terms: Decoded): Terms {
  return {
    assigner: terms.assigner as ParticipantId,
    assignee: terms.assignee as ParticipantId,
    dataset: terms.dataset as DatasetId,
    description: terms.description as Hash,
    purpose: terms.purpose,
    fields: terms.fields,
    rows: terms.rows,
    disclosure: member(disclosures, terms.disclosure),
    minCohort: Number(terms.minCohort),
    maxUses: terms.maxUses,
    maxRows: terms.maxRows,
    validFrom: Number(terms.validFrom),
    validUntil: Number(terms.validUntil),
    assurance: member(assurances, terms.assurance),
    policy: terms.policy as Hash,
    replaces: terms.replaces as AgreementId,
    salt: terms.salt as Hash,
  };
}

export function toDescription(description: Decoded): Description {
  return {
    title: description.title,
    tables: description.tables.map((table: Decoded) => ({
      name: table.name,
      patientKey: table.patientKey,
      fields: table.fields.map((field: Decoded) => ({
        name: field.name,
        fieldType: member(fieldTypes, field.fieldType),
        level: member(fieldLevels, field.level),
      })),
    })),
    joins: description.joins.map((join: Decoded) => ({ left: join.left, right: join.right })),
  };
}
