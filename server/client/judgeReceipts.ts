import type { EntryDigest, ParticipantId } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";

/** What the chain says about a receipt. */
export type ReceiptFacts = {
  /** Whether a key of the gateway signed it, at the time that it bears. */
  readonly isSigned: boolean;
  /** The entry that stands at its index on chain; undefined while the log is shorter. */
  readonly entry: EntryDigest | undefined;
  /** Unix seconds. */
  readonly now: number;
};

/** The three ways to break a promise, as the contract names them. */
export type Fault = "Late" | "Replaced" | "Equivocation";

/** Two receipts that promise one index to different entries. */
export type Equivocation = readonly [Receipt, Receipt];

/** What becomes of a receipt: its promise is broken, kept, or has time left; or nobody who could bind the gateway signed it. */
export type Verdict = Exclude<Fault, "Equivocation"> | "Kept" | "Pending" | "Unsigned";

/** Judges one receipt by the log on chain. Does no I/O. */
export function judgeReceipt(receipt: Receipt, { isSigned, entry, now }: ReceiptFacts): Verdict {
  if (!isSigned) return "Unsigned";
  if (entry !== undefined) return entry === receipt.entry ? "Kept" : "Replaced";
  return now < receipt.deadline ? "Pending" : "Late";
}

/** Finds a pair for each index that was promised to different entries. The caller leaves out what no key of the gateway signed. */
export function findEquivocations(receipts: readonly Receipt[]): Equivocation[] {
  const first = new Map<string, Receipt>();
  const found = new Map<string, Equivocation>();
  for (const receipt of receipts) {
    const place = placeOf(receipt);
    const known = first.get(place);
    if (known === undefined) first.set(place, receipt);
    else if (known.entry !== receipt.entry && !found.has(place)) found.set(place, [known, receipt]);
  }
  return [...found.values()];
}

const placeOf = ({ gateway, index }: { gateway: ParticipantId; index: number }): string => `${gateway}/${index}`;
