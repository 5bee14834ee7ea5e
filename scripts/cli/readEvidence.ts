import { readFileSync } from "node:fs";
import { parseEvidence } from "../../server/client/evidence.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { Mistake } from "./context.ts";

/** Reads a receipt that `datapact query` saved. */
export function readEvidence(file: string): Evidence {
  try {
    return parseEvidence(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Mistake(`there is no file ${file}.`);
    throw new Mistake(`${file} cannot be read: ${(error as Error).message}`);
  }
}
