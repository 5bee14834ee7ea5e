import { z } from "zod";
import { receiptSchema } from "../api/usage.ts";
import { parseJson } from "../domain/json.ts";
import type { Receipt } from "../domain/receipt.ts";

/** A receipt alone, or whatever holds one, such as the evidence that a consumer keeps. */
const fileSchema = z.union([receiptSchema, z.object({ receipt: receiptSchema }).transform(({ receipt }) => receipt)]);

/** Reads the receipt out of a file's text; undefined if there is none. */
export function parseReceipt(json: string): Receipt | undefined {
  return fileSchema.safeParse(parseJson(json)).data;
}
