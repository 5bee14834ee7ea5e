import type { Head } from "../chain/head.ts";
import type { ChainReader, Decision, LogState, PolicyQuestion } from "../chain/reader.ts";
import type { ReadView } from "../chain/view.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";

/** The policy's answer, the block under which it holds, and our log as that block has it. */
export type Decided = { readonly head: Head; readonly decision: Decision; readonly log: LogState };

/** Asks the on-chain policy. Rejects if the chain cannot be asked. */
export type Decide = (question: Omit<PolicyQuestion, "gateway" | "time">) => Promise<Decided>;

/** What is known under one block. */
type Block = {
  readonly log: Promise<LogState>;
  readonly answers: Map<string, Answer>;
};

/** What the policy was asked at a time, and answers; whoever asks the same meanwhile waits for it too. */
type Answer = { readonly since: number; readonly decision: Promise<Decision> };

const mostAnswers = 10_000;
/** The newest block, the final one, and those that requests under way still ask about. */
const mostBlocks = 8;

/**
 * Makes `decide`. The rule stands in `UsagePolicy` alone: an answer is kept under the hash of its block, and only while the policy
 * itself says that it holds. The newest block must permit, so that every stop counts at once, and the final one too, so that no grant
 * counts that may yet vanish.
 * @param now Unix seconds.
 */
export function createDecide(
  gateway: ParticipantId,
  readView: ReadView,
  reader: Pick<ChainReader, "evaluate" | "log">,
  now: () => number,
): Decide {
  const blocks = new Map<Hash, Block>();

  const blockOf = (hash: Hash): Block => {
    const known = blocks.get(hash);
    if (known !== undefined) return known;
    const block: Block = { log: reader.log(gateway, hash), answers: new Map() };
    block.log.catch(() => {
      if (blocks.get(hash) === block) blocks.delete(hash);
    });
    blocks.set(hash, block);
    for (const oldest of blocks.keys()) {
      if (blocks.size <= mostBlocks) break;
      blocks.delete(oldest);
    }
    return block;
  };

  const evaluate = async (question: PolicyQuestion, key: string, hash: Hash): Promise<Decision> => {
    const { answers } = blockOf(hash);
    const known = answers.get(key);
    if (known !== undefined && question.time >= known.since) {
      const decision = await known.decision;
      if (question.time === known.since || question.time < decision.until) return decision;
    }
    if (answers.get(key) !== known) return evaluate(question, key, hash);
    const asked: Answer = { since: question.time, decision: reader.evaluate(question, hash) };
    asked.decision.catch(() => {
      if (answers.get(key) === asked) answers.delete(key);
    });
    if (answers.size >= mostAnswers) answers.clear();
    answers.set(key, asked);
    return asked.decision;
  };

  return async (asked) => {
    const { head, final } = await readView();
    const question = { ...asked, gateway, time: now() };
    const { agreement, signer, purpose, fields, disclosure } = asked;
    const key = `${agreement}${signer}${fields.toString(16)}${disclosure}${purpose}`;
    const newest = await evaluate(question, key, head.hash);
    const standsStill = final.hash === head.hash || newest.reason !== null;
    const decision = standsStill ? newest : narrow(newest, await evaluate(question, key, final.hash));
    return { head, decision, log: await blockOf(head.hash).log };
  };
}

/** What both blocks permit; uses are counted as the newest has them. */
function narrow(newest: Decision, final: Decision): Decision {
  return { ...newest, reason: final.reason, until: Math.min(newest.until, final.until) };
}
