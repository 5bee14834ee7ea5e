import { createHash, type Hash as Hasher } from "node:crypto";
import { createReadStream } from "node:fs";
import { z } from "zod";
import { termsSchema } from "../api/agreements.ts";
import { descriptionSchema } from "../api/datasets.ts";
import { manifestSchema } from "../api/gateway.ts";
import { addressSchema, bytes32, indexSchema, seconds, signatureSchema, text } from "../api/primitives.ts";
import { entrySchema, receiptSchema, resultSchema } from "../api/usage.ts";
import { canonicalBytes } from "../domain/entry.ts";
import { toHex, zeroHash } from "../domain/hash.ts";
import type { AgreementId, Hash, ParticipantId } from "../domain/ids.ts";
import { parseJson } from "../domain/json.ts";
import { capacities } from "../domain/terms.ts";
import type { BundleLine } from "../proof/bundle.ts";
import type { Report } from "../proof/report.ts";
import { createBundleVerifier, type Pins } from "../proof/verifyBundle.ts";
import { signedSchema } from "./evidence.ts";

const block = z.strictObject({ number: indexSchema, hash: bytes32(), time: seconds });
const hashes = z.array(bytes32());
const raw = z.string().regex(/^0x([0-9a-f]{2})+$/);
const head = { start: indexSchema, size: z.int().positive(), root: bytes32(), block, transaction: bytes32() };
const capacity = z.enum(capacities);

const lineSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("datapact/bundle/1"),
    manifest: manifestSchema,
    gateway: bytes32<ParticipantId>(),
    asOf: block,
    head: z.strictObject({ ...head, raw, peaks: hashes }),
  }),
  z.strictObject({
    type: z.literal("participant"),
    id: bytes32<ParticipantId>(),
    registrationNumber: text,
    name: text,
    roles: z.int().min(1).max(15),
    hospital: bytes32<ParticipantId>().nullable(),
    keys: z.array(
      z.strictObject({ key: addressSchema, from: seconds, until: seconds.nullable(), isDelegate: z.boolean() }),
    ),
  }),
  z.strictObject({
    type: z.literal("agreement"),
    id: bytes32<AgreementId>(),
    terms: termsSchema,
    policy: text,
    description: descriptionSchema.nullable(),
    approvals: indexSchema.max(255).nullable(),
    signatures: z.array(
      z.strictObject({
        capacity,
        signer: bytes32<ParticipantId>(),
        key: addressSchema,
        signature: z.string().regex(/^0x([0-9a-f]{2})*$/),
        block,
      }),
    ),
    events: z.array(z.strictObject({ name: text, capacity: capacity.nullable(), block })),
  }),
  z.strictObject({ type: z.literal("head"), ...head, consistency: hashes }),
  z.strictObject({
    type: z.literal("entry"),
    index: indexSchema,
    entry: entrySchema,
    path: hashes,
    receipt: receiptSchema.optional(),
    signed: signedSchema.optional(),
    result: resultSchema.optional(),
  }),
  z.strictObject({
    type: z.literal("end"),
    entries: indexSchema,
    range: z.strictObject({ from: indexSchema, until: indexSchema }).nullable(),
    period: z.strictObject({ from: seconds, until: seconds }).nullable(),
  }),
  z.strictObject({
    type: z.literal("signature"),
    participant: bytes32<ParticipantId>(),
    key: addressSchema,
    madeAt: seconds,
    signature: signatureSchema,
  }),
]);

/** Reads one line of a bundle; undefined if it is none, or not in the one form that it has. */
export function readBundleLine(bytes: Buffer): BundleLine | undefined {
  const { data } = lineSchema.safeParse(parseJson(bytes.toString()));
  if (data === undefined || !canonicalBytes(data).equals(bytes)) return undefined;
  return data as unknown as BundleLine;
}

/** Verifies a bundle line by line, whatever its size. It needs no network. */
export async function verifyBundleFile(file: string, pins: Pins = {}): Promise<Report> {
  return (await readBundleFile(file, pins)).report;
}

/**
 * Verifies a bundle and shows each of its lines to `look`, in one reading: whoever signs `read` signs what was looked at, whatever
 * becomes of the file meanwhile.
 */
export async function readBundleFile(
  file: string,
  pins: Pins,
  look: (line: BundleLine) => void = () => undefined,
): Promise<{ readonly report: Report; readonly read: Hasher }> {
  const verifier = createBundleVerifier(pins);
  const hash = createHash("sha256");
  for await (const bytes of linesOf(createReadStream(file))) {
    const line = readBundleLine(bytes);
    if (line !== undefined) look(line);
    verifier.add(line, line?.type === "signature" ? toHex<Hash>(hash.copy().digest()) : zeroHash);
    hash.update(bytes).update("\n");
  }
  return { report: verifier.finish(), read: hash };
}

/** No line of a bundle is longer: results are what is longest. */
const longestLine = 256 * 2 ** 20;

/** The lines of a file, without the newline that ends each; what follows the last newline is a line too. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]);
      [parts, length, from] = [[], 0, end + 1];
    }
    length += chunk.length - from;
    if (length > longestLine) throw new RangeError("the file has a line that no bundle has");
    parts.push(chunk.subarray(from));
  }
  if (length > 0) yield Buffer.concat(parts);
}
