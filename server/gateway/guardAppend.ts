import type { Anchor } from "../anchor/anchor.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";

/** Appends only while the chain takes what is appended, and soon enough that a receipt can promise it. */
export function guardAppend(
  append: Journal["append"],
  anchor: Pick<Anchor, "divergence" | "oldestWait">,
  promiseSeconds: number,
): Journal["append"] {
  return (row) => {
    const overdue = anchor.oldestWait() > (promiseSeconds * 3) / 4;
    const problem =
      anchor.divergence() ?? (overdue ? "entries wait too long for the chain to promise more" : undefined);
    if (problem === undefined) return append(row);
    return Promise.reject(new JournalUnavailable(new Error(problem)));
  };
}
