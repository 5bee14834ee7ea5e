import type { Head, ReadHead } from "../chain/head.ts";
import type { ChainReader, Decision, LogState, PolicyQuestion } from "../chain/reader.ts";
import type { ParticipantId } from "../domain/ids.ts";

/** The policy's answer, the block under which it holds, and our log as that block has it. */
export type Decided = { readonly head: Head; readonly decision: Decision; readonly log: LogState };

/** Asks the on-chain policy. Rejects if the chain cannot be asked. */
export type Decide = (question: Omit<PolicyQuestion, "gateway" | "time">) => Promise<Decided>;

const mostKept = 10_000;

/**
 * Makes `decide`. The rule stands in `UsagePolicy` alone: an answer is kept under the hash of its block, and only while the policy
 * itself says that it holds.
 * @param now Unix seconds.
 */
export function createDecide(
  gateway: ParticipantId,
  readHead: ReadHead,
  reader: Pick<ChainReader, "evaluate" | "log">,
  now: () => number,
): Decide {
  let block: string | undefined;
  let log: Promise<LogState> | undefined;
  let kept = new Map<string, { readonly since: number; readonly decision: Decision }>();

  const moveTo = (head: Head): Promise<LogState> => {
    if (head.hash !== block || log === undefined) {
      block = head.hash;
      kept = new Map();
      const asked = reader.log(gateway, head.hash);
      log = asked;
      asked.catch(() => {
        if (log === asked) log = undefined;
      });
    }
    return log;
  };

  return async (question) => {
    const head = await readHead();
    const logAtHead = moveTo(head);
    const answers = kept;
    const time = now();
    const { agreement, signer, purpose, fields, disclosure } = question;
    const key = `${agreement}${signer}${fields.toString(16)}${disclosure}${purpose}`;
    const known = answers.get(key);
    if (known !== undefined && time >= known.since && time < known.decision.until) {
      return { head, decision: known.decision, log: await logAtHead };
    }
    const decision = await reader.evaluate({ ...question, gateway, time }, head.hash);
    if (answers.size >= mostKept) answers.clear();
    answers.set(key, { since: time, decision });
    return { head, decision, log: await logAtHead };
  };
}
