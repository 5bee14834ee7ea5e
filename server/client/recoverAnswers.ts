import { ApiProblem, type Client } from "../api/client.ts";
import type { Space } from "../chain/space.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import { requestWindow } from "../domain/usageRequest.ts";
import type { Evidence } from "../proof/verifyReceipt.ts";
import { bindingProblem } from "./bindingProblem.ts";
import type { ReceiptStore } from "./receiptStore.ts";

/** What became of a request whose answer was lost; `refuted` if what the gateway tells of it now is not that request's, or bound by nobody. */
export type Recovered = {
  readonly digest: string;
  readonly outcome: "kept" | "never recorded" | "unknown yet" | "refuted";
  /** Until when a gateway can still record the request, in unix seconds: after that its silence is the only reason not to know. */
  readonly until: number;
  readonly gatewayUrl: string;
};

/**
 * Asks for what gateways recorded of requests whose answers were lost, and keeps what binds the gateway. A gateway that does not answer, or
 * answers with what proves nothing, is asked again later.
 * @param now Unix seconds.
 */
export async function recoverAnswers(
  space: Space,
  store: ReceiptStore,
  clientOf: (gatewayUrl: string) => Pick<Client, "recorded" | "gateway">,
  now: number,
): Promise<Recovered[]> {
  const recovered: Recovered[] = [];
  for (const { digest, gatewayUrl, signed } of store.openRequests()) {
    const client = clientOf(gatewayUrl);
    // no gateway takes it any more once it is stale
    const until = signed.request.issuedAt + 2 * requestWindow;
    const told = await client.recorded({ digest }).catch((error: unknown) => error);
    if (told instanceof Error || typeof told !== "object" || told === null) {
      const isOver = now > until && isUnknown(told) && (await isGatewayOf(client, signed));
      if (isOver) store.settle(digest);
      recovered.push({ digest, outcome: isOver ? "never recorded" : "unknown yet", until, gatewayUrl });
      continue;
    }
    const { entry, receipt } = told as Pick<Evidence, "entry" | "receipt">;
    const evidence: Evidence = { signed, entry, receipt };
    const isBound = (await bindingProblem(space, evidence)) === undefined;
    if (isBound) {
      if (!(await isKept(space, store, evidence))) store.keep(evidence);
      store.settle(digest);
    }
    recovered.push({ digest, outcome: isBound ? "kept" : "refuted", until, gatewayUrl });
  }
  return recovered;
}

/** Whether a promise of this very entry to this very request is kept already: whoever was interrupted may have kept it with its result. */
async function isKept(space: Space, store: ReceiptStore, { signed, receipt }: Evidence): Promise<boolean> {
  const same = store.kept().filter(({ evidence: kept }) => {
    const isSamePlace = kept.receipt.entry === receipt.entry && kept.receipt.index === receipt.index;
    return isSamePlace && kept.signed.signature === signed.signature;
  });
  for (const { evidence } of same) if ((await bindingProblem(space, evidence)) === undefined) return true;
  return false;
}

const isUnknown = (error: unknown): boolean =>
  error instanceof ApiProblem && error.status === 404 && error.code === "NotFound";

/** Whoever answers at that address now may be another one, which knows nothing of the request. */
async function isGatewayOf(client: Pick<Client, "gateway">, { request }: SignedRequest): Promise<boolean> {
  const told = await client.gateway().catch(() => undefined);
  return told?.gateway === request.gateway;
}
