import { z } from "zod";
import { fieldTypes } from "../domain/dataset.ts";
import type { AgreementId, EntryDigest, ParticipantId, RequestDigest } from "../domain/ids.ts";
import { denialReasons, gatewayReasons } from "../domain/reasons.ts";
import { trailActs } from "../domain/trailAct.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import {
  addressSchema,
  bytes32,
  indexSchema,
  problemSchema,
  seconds,
  signatureSchema,
  text,
  time,
} from "./primitives.ts";

/** Body of `POST /v1/usage`. Unknown members are refused: what is not signed is not read. */
export const signedRequestSchema = z
  .strictObject({
    request: z.strictObject({
      gateway: bytes32<ParticipantId>(),
      agreement: bytes32<AgreementId>(),
      purpose: text.min(1).max(64),
      statement: text.min(1).max(8_192),
      issuedAt: seconds,
      nonce: bytes32(),
    }),
    signature: signatureSchema,
  })
  .meta({ id: "SignedRequest" }) satisfies z.ZodType<SignedRequest, unknown>;

export const reasonSchema = z.enum([...denialReasons, ...gatewayReasons]).meta({ id: "Reason" });
export const outcomeSchema = z.enum(["Permitted", "Denied", "Failed"]);

export const usageEntrySchema = z
  .strictObject({
    type: z.literal("datapact/entry/1"),
    gateway: bytes32<ParticipantId>(),
    time,
    request: bytes32<RequestDigest>(),
    agreement: bytes32<AgreementId>(),
    signer: addressSchema,
    purpose: text,
    outcome: outcomeSchema,
    reason: reasonSchema.nullable(),
    block: z.strictObject({ number: indexSchema, hash: bytes32() }).nullable(),
    result: z.strictObject({ digest: bytes32(), bytes: indexSchema, rows: indexSchema }).nullable(),
    salt: bytes32(),
  })
  .meta({ id: "UsageEntry" });

/** An act upon the trail itself. */
export const trailEntrySchema = z
  .strictObject({
    type: z.literal("datapact/trail/1"),
    gateway: bytes32<ParticipantId>(),
    time,
    act: z.enum(trailActs),
    actor: bytes32<ParticipantId>(),
    signer: addressSchema,
    subject: bytes32(),
    entries: indexSchema,
    block: z.strictObject({ number: indexSchema, hash: bytes32() }),
    salt: bytes32(),
  })
  .meta({ id: "TrailEntry" });

export const entrySchema = z.discriminatedUnion("type", [usageEntrySchema, trailEntrySchema]).meta({ id: "Entry" });

export const receiptSchema = z
  .strictObject({
    gateway: bytes32<ParticipantId>(),
    index: indexSchema,
    entry: bytes32<EntryDigest>(),
    start: indexSchema,
    count: z.int().positive(),
    issuedAt: seconds,
    deadline: seconds,
    path: z.array(bytes32()).readonly(),
    signature: signatureSchema,
  })
  .meta({ id: "Receipt" });

export const resultSchema = z
  .strictObject({
    columns: z.array(z.strictObject({ name: text, type: z.enum(fieldTypes) })),
    rows: z.array(z.array(z.union([text, z.boolean(), z.null()]))),
  })
  .meta({ id: "Result" });

/** A result, the entry that records it and the gateway's promise. */
export const permittedSchema = z
  .strictObject({ entry: usageEntrySchema, receipt: receiptSchema, result: resultSchema })
  .meta({ id: "Permitted" });

/** A refusal, recorded like a permit. */
export const refusedSchema = z
  .strictObject({ ...problemSchema.shape, code: reasonSchema, entry: usageEntrySchema, receipt: receiptSchema })
  .meta({ id: "Refused" });

/** What a gateway answers to a request that it could record. */
export type UsageAnswer = z.output<typeof permittedSchema> | z.output<typeof refusedSchema>;

export const recordedSchema = z
  .strictObject({ entry: usageEntrySchema, receipt: receiptSchema })
  .meta({ id: "Recorded" });
