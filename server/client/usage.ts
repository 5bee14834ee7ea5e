import { randomBytes } from "node:crypto";
import { getBytes, type Wallet } from "ethers";
import { z } from "zod";
import { fieldTypes } from "../domain/dataset.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import { signDigest } from "../domain/signature.ts";
import { createRequestHasher, type SigningDomain } from "../domain/typedData.ts";
import type { SignedRequest, UsageRequest } from "../domain/usageRequest.ts";

export const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/);
export const signatureHex = z.string().regex(/^0x[0-9a-f]{130}$/);
export const text = z.string().refine((found) => found.isWellFormed(), "must be well-formed text");
/** As wide as the contracts have them: a uint48, and an index within a safe integer. */
export const seconds = z
  .int()
  .min(0)
  .max(2 ** 48 - 1);
const index = z.int().min(0);

export const entrySchema = z.strictObject({
  type: z.literal("datapact/entry/1"),
  gateway: bytes32,
  time: z.iso.datetime(),
  request: bytes32,
  agreement: bytes32,
  signer: z.string().regex(/^0x[0-9a-f]{40}$/),
  purpose: text,
  outcome: z.enum(["Permitted", "Denied", "Failed"]),
  reason: text.nullable(),
  block: z.strictObject({ number: index, hash: bytes32 }).nullable(),
  result: z.strictObject({ digest: bytes32, bytes: z.int().min(0), rows: z.int().min(0) }).nullable(),
  salt: bytes32,
});

export const receiptSchema = z.strictObject({
  gateway: bytes32,
  index,
  entry: bytes32,
  start: index,
  count: z.int().positive(),
  issuedAt: seconds,
  deadline: seconds,
  path: z.array(bytes32),
  signature: signatureHex,
});

export const resultSchema = z.strictObject({
  columns: z.array(z.strictObject({ name: text, type: z.enum(fieldTypes) })),
  rows: z.array(z.array(z.union([text, z.boolean(), z.null()]))),
});

/** What a gateway answers: a result or a refusal, always with the entry that records it and its receipt. */
export const answerSchema = z.union([
  z.strictObject({ entry: entrySchema, receipt: receiptSchema, result: resultSchema }),
  z.object({
    code: z.string(),
    title: z.string(),
    detail: z.string().optional(),
    entry: entrySchema,
    receipt: receiptSchema,
  }),
]);
export type UsageAnswer = z.output<typeof answerSchema>;

/** An answer that bears no entry, since the gateway could not or need not record the request. */
export class Unrecorded extends Error {
  override readonly name = "Unrecorded";
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Signs a request anew: with the present time and a random nonce. */
export function signRequest(
  wallet: Wallet,
  policy: SigningDomain,
  asked: Pick<UsageRequest, "gateway" | "agreement" | "purpose" | "statement">,
): SignedRequest {
  const request = { ...asked, issuedAt: Math.floor(Date.now() / 1_000), nonce: toHex<Hash>(randomBytes(32)) };
  const digest = fromHex(createRequestHasher(policy)(request));
  return { request, signature: signDigest(digest, getBytes(wallet.privateKey)) };
}

/** Sends a signed request. Throws `Unrecorded` if the gateway answers without an entry. */
export async function postUsage(gatewayUrl: string, signed: SignedRequest): Promise<UsageAnswer> {
  const response = await fetch(new URL("/v1/usage", gatewayUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(signed),
  });
  const body: unknown = await response.json();
  const answer = answerSchema.safeParse(body);
  if (answer.success) return answer.data;
  const { title, detail } = body as { title?: string; detail?: string };
  throw new Unrecorded(
    response.status,
    [title ?? `the gateway answers ${response.status}`, detail].filter(Boolean).join(" "),
  );
}
