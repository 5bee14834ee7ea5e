import { z } from "zod";
import type { Address, Hash, Hex } from "../domain/ids.ts";

/** 32 bytes in the one accepted form: lower-case hex with `0x`. Give the brand that they bear. */
export const bytes32 = <T extends Hex = Hash>() =>
  z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 lower-case hex digits")
    .meta({ description: "32 bytes in lower-case hex" }) as unknown as z.ZodType<T, string>;

export const addressSchema = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, "must be 0x and 40 lower-case hex digits") as unknown as z.ZodType<Address, string>;

/** 65 bytes: r, s, v. */
export const signatureSchema = z
  .string()
  .regex(/^0x[0-9a-f]{130}$/, "must be 0x and 130 lower-case hex digits: r, s, v") as unknown as z.ZodType<Hex, string>;

/** Text without lone surrogates or NUL. */
export const text = z
  .string()
  .refine((found) => found.isWellFormed() && !found.includes("\0"), "must be well-formed text");

/** Unix seconds, as wide as the contracts have them. */
export const seconds = z
  .int()
  .min(0)
  .max(2 ** 48 - 1);

export const indexSchema = z.int().min(0);

/** RFC 3339 in UTC. A year beyond 9999 has six digits and a sign. */
export const time = z
  .string()
  .regex(
    /^(\d{4}|\+\d{6})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/,
    "must be a time in UTC, such as 2027-06-30T08:00:00Z",
  )
  .refine(isOnCalendar, "must be a time that exists")
  .meta({ description: "RFC 3339 in UTC" });

function isOnCalendar(text: string): boolean {
  const [day = ""] = text.split("T");
  const milliseconds = Date.parse(text);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(`${day}T`);
}

/** A whole number that may be wider than a double holds: decimal text. */
export const wide = z.string().regex(/^(0|[1-9][0-9]{0,77})$/, "must be a whole number of at most 78 digits");

/** The same, as wide as a number of the contracts. */
export const uint = (bits: number) =>
  wide.refine((text) => /^[0-9]{1,78}$/.test(text) && BigInt(text) < 2n ** BigInt(bits), `must be below 2^${bits}`);

/** A problem as RFC 9457 has it. `code` is of a closed list; nothing in it stems from the data. */
export const problemSchema = z
  .strictObject({
    type: z.literal("about:blank"),
    status: z.int().min(400).max(599),
    code: z.string(),
    title: z.string(),
    detail: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type ProblemAnswer = z.output<typeof problemSchema>;
