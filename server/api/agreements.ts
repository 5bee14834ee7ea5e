import { z } from "zod";
import type { AgreementId, DatasetId, ParticipantId } from "../domain/ids.ts";
import { statuses } from "../domain/status.ts";
import { assurances, capacities, disclosures } from "../domain/terms.ts";
import { fieldSchema } from "./datasets.ts";
import { namedSchema, pageOf, pageQuery, searchText } from "./page.ts";
import { addressSchema, bytes32, indexSchema, seconds, time, uint, wide } from "./primitives.ts";

/** Every term, in the very form that is signed: times are unix seconds, wide numbers decimal text. */
export const termsSchema = z
  .strictObject({
    assigner: bytes32<ParticipantId>(),
    assignee: bytes32<ParticipantId>(),
    dataset: bytes32<DatasetId>(),
    description: bytes32(),
    purpose: z.string(),
    fields: uint(256),
    rows: z.string(),
    disclosure: z.enum(disclosures),
    minCohort: indexSchema.max(2 ** 32 - 1),
    maxUses: uint(64),
    maxRows: uint(64),
    validFrom: seconds,
    validUntil: seconds,
    assurance: z.enum(assurances),
    policy: bytes32(),
    replaces: bytes32<AgreementId>(),
    salt: bytes32(),
  })
  .meta({ id: "Terms", description: "Every term in the form that is signed: unix seconds, wide numbers as text" });

const statusSchema = z.enum(statuses).exclude(["Unknown"]);

/** Who must still sign before the agreement can come into force. */
const pendingSchema = z.discriminatedUnion("capacity", [
  z.strictObject({ capacity: z.literal("Assigner"), signer: namedSchema }),
  z.strictObject({ capacity: z.literal("Assignee"), signer: namedSchema }),
  z.strictObject({ capacity: z.literal("Regulator"), approvals: z.int().positive() }),
]);

export const agreementSummary = z
  .strictObject({
    id: bytes32<AgreementId>(),
    status: statusSchema,
    assigner: namedSchema,
    assignee: namedSchema,
    dataset: namedSchema,
    purpose: z.string(),
    disclosure: z.enum(disclosures),
    minCohort: indexSchema,
    uses: wide.meta({ description: "Uses so far over the whole chain of replacements, as the chain counts them" }),
    maxUses: wide,
    validFrom: time,
    validUntil: time,
    offeredAt: time,
    finalizedAt: time.nullable(),
    pending: z.array(pendingSchema),
  })
  .meta({ id: "AgreementSummary" });

export const agreementSchema = z
  .strictObject({
    ...agreementSummary.shape,
    terms: termsSchema,
    policy: z.string(),
    fields: z
      .array(z.strictObject({ ...fieldSchema.shape, number: indexSchema, table: z.string() }))
      .nullable()
      .meta({ description: "The licensed fields; null if the description that was agreed on was never published" }),
    lineage: bytes32<AgreementId>(),
    replacedBy: bytes32<AgreementId>().nullable(),
    signatures: z.array(
      z.strictObject({ capacity: z.enum(capacities), signer: namedSchema, key: addressSchema, at: time }),
    ),
    suspensions: z.array(z.strictObject({ capacity: z.enum(capacities), since: time })),
    terminatedAt: time.nullable(),
  })
  .meta({ id: "Agreement" });

export const agreementQuery = z.strictObject({
  ...pageQuery,
  status: statusSchema.optional(),
  dataset: bytes32<DatasetId>().optional(),
  party: bytes32<ParticipantId>().optional(),
  waitsFor: bytes32<ParticipantId>()
    .optional()
    .meta({ description: "Offers that lack the signature of this participant, as a party or as a regulator" }),
  text: searchText,
});
export const agreementPage = pageOf(agreementSummary).meta({ id: "AgreementPage" });
