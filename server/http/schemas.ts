import { z } from "zod";
import type { AgreementId, Hash, Hex, ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";

/** 32 bytes in the one accepted form: lower-case hex with `0x`. */
const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 lower-case hex digits");

const wellFormed = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** Body of `POST /v1/usage`. Unknown members are refused: what is not signed is not read. */
export const signedRequestSchema = z.strictObject({
  request: z.strictObject({
    gateway: bytes32.transform((id) => id as ParticipantId),
    agreement: bytes32.transform((id) => id as AgreementId),
    purpose: z.string().min(1).max(64).refine(wellFormed, "must be well-formed text"),
    statement: z.string().min(1).max(8_192).refine(wellFormed, "must be well-formed text"),
    issuedAt: z
      .int()
      .min(0)
      .max(2 ** 48 - 1),
    nonce: bytes32.transform((nonce) => nonce as Hash),
  }),
  signature: z
    .string()
    .regex(/^0x[0-9a-f]{130}$/, "must be 0x and 130 lower-case hex digits: r, s, v")
    .transform((signature) => signature as Hex),
}) satisfies z.ZodType<SignedRequest, unknown>;

/** A non-negative index, in a path or a query. */
export const indexSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})$/, "must be a non-negative integer")
  .transform(Number);

export const requestDigestSchema = bytes32.transform((digest) => digest as RequestDigest);
