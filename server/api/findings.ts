import { z } from "zod";
import { findingStates, type SignedFinding, severities } from "../domain/finding.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { namedSchema, pageQuery, searchText } from "./page.ts";
import { bytes32, indexSchema, seconds, signatureSchema, text, time } from "./primitives.ts";
import { receiptSchema, trailEntrySchema } from "./usage.ts";

/** Body of `POST /v1/findings`: one revision of a finding, signed with the key of the regulator who is signed in. */
export const signedFindingSchema = z
  .strictObject({
    finding: z.strictObject({
      gateway: bytes32<ParticipantId>(),
      finding: bytes32(),
      previous: bytes32(),
      entries: z.array(indexSchema).min(1).max(200).readonly(),
      severity: z.enum(severities),
      state: z.enum(findingStates),
      text: text.min(1).max(4_000).meta({
        description:
          "What was done, and under which rule it was wrong. Name no patient and quote no data: it is kept for ever",
      }),
      at: seconds,
      nonce: bytes32(),
    }),
    signature: signatureSchema,
  })
  .meta({ id: "SignedFinding" }) satisfies z.ZodType<SignedFinding, unknown>;

export const findingSchema = z
  .strictObject({
    id: bytes32(),
    digest: bytes32().meta({ description: "What was signed of this revision: the next one names it as `previous`" }),
    revision: indexSchema,
    index: indexSchema.meta({ description: "The entry that records this revision" }),
    author: namedSchema,
    severity: z.enum(severities),
    state: z.enum(findingStates),
    text: z.string(),
    entries: z.array(indexSchema),
    at: time,
  })
  .meta({ id: "Finding" });

/** That a finding is recorded, with the gateway's promise for it. */
export const findingRecorded = z
  .strictObject({ id: bytes32(), digest: bytes32(), entry: trailEntrySchema, receipt: receiptSchema })
  .meta({ id: "FindingRecorded" });

export const findingQuery = z.strictObject({
  ...pageQuery,
  severity: z.enum(severities).optional(),
  state: z.enum(findingStates).optional(),
  entry: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, "must be a non-negative integer")
    .optional(),
  text: searchText,
});

/** Findings in their newest revision, newest first. */
export const findingPage = z
  .strictObject({ items: z.array(findingSchema), next: z.string().nullable() })
  .meta({ id: "FindingPage" });

/** Every revision of one finding, oldest first, as it was signed. */
export const findingHistory = z
  .strictObject({ items: z.array(z.strictObject({ ...findingSchema.shape, signed: signedFindingSchema })) })
  .meta({ id: "FindingHistory" });
