import { z } from "zod";
import { bytes32, indexSchema, text, time } from "./primitives.ts";

/** The block up to which an answer knows the chain. */
export const asOfSchema = z
  .strictObject({ block: indexSchema, hash: bytes32(), time })
  .meta({ id: "AsOf", description: "The block up to which this answer knows the chain" });

/** Something with its name, so that nobody need look it up. */
export const namedSchema = z.strictObject({ id: bytes32(), name: z.string() }).meta({ id: "Named" });
export type Named = z.output<typeof namedSchema>;

/** One page of a list. `next` asks for the following one; null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ asOf: asOfSchema, items: z.array(item), next: z.string().nullable() });

/** How every list is paged: `cursor` is the `next` of the page before, `limit` at most 200. */
export const pageQuery = {
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the `next` of a page")
    .optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, "must be 1 to 200")
    .optional(),
};

export const searchText = text.min(1).max(128).optional();
