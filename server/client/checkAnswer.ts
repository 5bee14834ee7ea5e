import type { Receipt } from "../domain/receipt.ts";
import { type ChainFacts, type Evidence, type ReceiptCheck, verifyReceipt } from "../proof/verifyReceipt.ts";

/** What can be wrong with an answer before its entry is anchored. */
export type AnswerProblem = { readonly check: ReceiptCheck | "deadline" | "index"; readonly problem: string };

/** By how much clocks may differ, in seconds. */
const clockGrace = 60;

/**
 * Checks an answer as it comes: each field against what was signed and against the chain, the deadline, and that its index was promised to
 * no other entry before. Whether the entry is anchored is asked later. Does no I/O.
 * @param known Receipts of all gateways that are kept already.
 * @param now Unix seconds.
 */
export function checkAnswer(
  evidence: Evidence,
  facts: Omit<ChainFacts, "inclusion">,
  known: readonly Receipt[],
  now: number,
): AnswerProblem[] {
  const { receipt } = evidence;
  const checked = verifyReceipt(evidence, { ...facts, inclusion: undefined });
  const problems: AnswerProblem[] = checked.flatMap(({ check, problem }) =>
    check === "inclusion" || problem === undefined ? [] : [{ check, problem }],
  );
  if (receipt.deadline + clockGrace < now)
    problems.push({ check: "deadline", problem: "the receipt's deadline is over already" });
  if (receipt.issuedAt > now + clockGrace)
    problems.push({ check: "deadline", problem: "the receipt was issued in the future" });
  const own = known.filter(({ gateway, index }) => gateway === receipt.gateway && index === receipt.index);
  if (own.some(({ entry }) => entry !== receipt.entry))
    problems.push({ check: "index", problem: "the index was promised to another entry before" });
  else if (own.some(({ deadline }) => deadline !== receipt.deadline))
    problems.push({ check: "deadline", problem: "the same entry was promised by another deadline before" });
  return problems;
}
