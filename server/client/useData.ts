import type { Client } from "../api/client.ts";
import type { UsageAnswer } from "../api/usage.ts";
import type { Space } from "../chain/space.ts";
import { createRequestHasher } from "../domain/typedData.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import type { Evidence } from "../proof/verifyReceipt.ts";
import { bindingProblem } from "./bindingProblem.ts";
import { type AnswerProblem, checkAnswer } from "./checkAnswer.ts";
import { gatherFacts } from "./evidence.ts";
import type { ReceiptStore } from "./receiptStore.ts";

/** An answer that is kept, in which file, and what is wrong with it. */
export type KeptAnswer = {
  readonly answer: UsageAnswer;
  readonly file: string;
  readonly problems: readonly AnswerProblem[];
};

/**
 * Sends a signed request and keeps it with its answer before anything is done with either: the request before it leaves, so that an answer
 * that gets lost can be asked for again, and the answer before it is shown. Rejects as the client does if the gateway records nothing.
 */
export async function useData(
  space: Space,
  store: ReceiptStore,
  client: Pick<Client, "use">,
  gatewayUrl: string,
  signed: SignedRequest,
): Promise<KeptAnswer> {
  const digest = createRequestHasher(space.domainOf("UsagePolicy"))(signed.request);
  store.asked(digest, { gatewayUrl, signed });
  const answer = await client.use(signed);
  const evidence = evidenceOf(signed, answer);
  const known = store.kept().map((kept) => kept.evidence.receipt);
  const file = store.keep(evidence);
  // whatever else a gateway says, it may have recorded the request: only its promise of this very entry settles it
  if ((await bindingProblem(space, evidence)) === undefined) store.settle(digest);
  const facts = await gatherFacts(space, evidence, undefined);
  return { answer, file, problems: checkAnswer(evidence, facts, known, Math.floor(Date.now() / 1_000)) };
}

function evidenceOf(signed: SignedRequest, answer: UsageAnswer): Evidence {
  const { entry, receipt } = answer;
  return { signed, entry, receipt, ...("result" in answer ? { result: answer.result } : {}) } as Evidence;
}
