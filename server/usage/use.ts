import type { Anchor } from "../anchor/anchor.ts";
import type { Head } from "../chain/head.ts";
import { NodesDisagree } from "../chain/secondNode.ts";
import { ChainReorganized, HeadBehind, type ReadView } from "../chain/view.ts";
import type { UsageEntry } from "../domain/entry.ts";
import { fromHex } from "../domain/hash.ts";
import type { ParticipantId, RequestDigest } from "../domain/ids.ts";
import { type DenialReason, denialReasons, type GatewayReason, type Reason, reasonFacts } from "../domain/reasons.ts";
import type { Receipt } from "../domain/receipt.ts";
import { recoverSigner } from "../domain/signature.ts";
import type { SignedRequest, UsageRequest } from "../domain/usageRequest.ts";
import type { Agreement, FindAgreement } from "../license/agreements.ts";
import type { Decide, Decided } from "../license/decide.ts";
import type { Held, HeldKey } from "./held.ts";
import type { Pace } from "./pace.ts";
import { padTime } from "./padTime.ts";
import type { Prepare, Prepared } from "./prepare.ts";
import type { Quota } from "./quota.ts";
import type { Authenticated, Record } from "./record.ts";
import { Refusal } from "./refusal.ts";
import type { ReleasedResult } from "./releasedResult.ts";
import type { ReplayGuard } from "./replay.ts";
import { TooManyRequests, type Turns } from "./turns.ts";

/** What leaves the gateway: never without the entry that records it and the receipt that promises it. */
export type Answer = { readonly entry: UsageEntry; readonly receipt: Receipt } & (Released | Refused);

type Released = {
  readonly result: ReleasedResult;
  /** Whoever sends the result tells whether it could be sent; then it is let go, or kept for the signer who asks again. */
  readonly settle: (isSent: boolean) => void;
  /** Rejects once the policy no longer permits it: nothing more of it may leave then. */
  readonly requirePermitted: () => Promise<void>;
};
type Refused = { readonly reason: Reason; readonly detail: string | undefined };

/** Thrown for a signature that is not in the one accepted form: there is nobody whom an entry could name. */
export class SignatureMalformed extends Error {
  override readonly name = "SignatureMalformed";
}

/**
 * Answers one signed request. Rejects with `JournalUnavailable` if the entry could not be made durable; nothing has left then. Rejects with
 * `TooManyRequests` if the signer asks too fast or too much at once, or is unknown among too many; nothing is recorded then, and nothing told.
 */
export type Use = (signed: SignedRequest) => Promise<Answer>;

export type UseDependencies = {
  readonly gateway: ParticipantId;
  readonly hashRequest: (request: UsageRequest) => RequestDigest;
  readonly replayGuard: ReplayGuard;
  readonly readView: ReadView;
  readonly findAgreement: FindAgreement;
  readonly decide: Decide;
  readonly prepare: Prepare;
  readonly quota: Quota;
  readonly pace: Pace;
  readonly turns: Turns;
  readonly held: Held<Recorded>;
  readonly record: Record;
  readonly anchor: Pick<Anchor, "oldestWait" | "whenAnchored">;
  /** Oldest wait, in seconds, after which nothing more is released. */
  readonly longestWait: number;
  readonly anchoredTimeoutMs: number;
  /** How long a statement ran shows in steps of this: what it found in the data, it found in the same time. 0 for none. */
  readonly timeStepMs: number;
  readonly report: (error: unknown, request: RequestDigest) => void;
};

/** What may leave, the use that was set aside for it, and the block that permitted it. */
type Computed = {
  readonly agreement: Agreement;
  readonly result: ReleasedResult;
  readonly head: Head;
  readonly letGo: () => void;
  /** Asks the policy again; rejects with `Refusal` if it no longer permits. */
  readonly ask: () => Promise<Decided>;
};

/** A result that is recorded and has not left: it may have to wait until it is anchored, and be permitted still when it leaves. */
export type Recorded = {
  readonly entry: UsageEntry;
  readonly receipt: Receipt;
  readonly result: ReleasedResult;
  readonly waits: boolean;
  readonly ask: () => Promise<Decided>;
};

/** Makes the line: authenticate, decide, enforce, run, append, answer. */
export function createUse(dependencies: UseDependencies): Use {
  const { gateway, hashRequest, replayGuard, findAgreement, decide, prepare, quota, pace, turns, held } = dependencies;
  const { record, anchor } = dependencies;

  const use: Use = async (signed) => {
    const digest = hashRequest(signed.request);
    const signer = recoverSigner(fromHex(digest), signed.signature);
    if (signer === undefined) throw new SignatureMalformed();
    const request = { signed, digest, signer };
    const waiting = held.take(heldKey(request));
    if (waiting !== undefined) return deliver(request, waiting);
    const trace: Trace = { head: null };
    let computed: Computed;
    try {
      computed = await compute(request, trace);
    } catch (error) {
      if (error instanceof TooManyRequests) throw error;
      const refusal = asRefusal(error, digest);
      await pace.admitRefusal(signer, isSecondHand(refusal.reason));
      return refuse(request, trace, refusal);
    }
    return release(request, computed);
  };

  const compute = async (authenticated: Authenticated, trace: Trace): Promise<Computed> => {
    const { request } = authenticated.signed;
    const startedAt = performance.now();
    if (request.gateway !== gateway) throw new Refusal("GatewayMismatch");
    if (!replayGuard.isFresh(request.issuedAt)) throw new Refusal("RequestStale");
    if (!replayGuard.take(authenticated.digest)) throw new Refusal("RequestReplayed");
    await pace.admit(authenticated.signer);
    if (anchor.oldestWait() > dependencies.longestWait) throw new Refusal("AnchorOverdue");

    const agreement = await asked(async () =>
      findAgreement(request.agreement, (await dependencies.readView()).head.hash),
    );
    await requireKnown(authenticated, trace);
    const prepared = await prepare(agreement, request.statement);
    const ask = (): Promise<Decided> => permitted(authenticated, prepared, trace);
    const { decision, log } = await ask();
    if (prepared.refusal !== undefined) throw prepared.refusal;
    if (agreement === undefined) throw new Refusal("AgreementUnknown");

    const letGo = quota.reserve(agreement.lineage, decision.usesLeft, log.size);
    if (letGo === undefined) throw new Refusal("UsesExhausted");
    try {
      const result = await turns
        .take(agreement.terms.assignee, () => prepared.run(authenticated.digest))
        .finally(() => padTime(startedAt, dependencies.timeStepMs));
      const { head } = await ask().catch((error: unknown) => {
        result.drop();
        throw error;
      });
      return { agreement, result, head, letGo, ask };
    } catch (error) {
      letGo();
      throw error;
    }
  };

  /** A statement is read only for whom the policy knows: reading it is work. */
  const requireKnown = async ({ signed, signer }: Authenticated, trace: Trace): Promise<void> => {
    const { agreement, purpose } = signed.request;
    const { head, decision } = await asked(() => decide({ agreement, signer, purpose, ...nothingAsked }));
    trace.head = head;
    if (!isKnown(decision.reason)) throw new Refusal(decision.reason ?? "SignerUnknown");
  };

  const permitted = async ({ signed, signer }: Authenticated, prepared: Prepared, trace: Trace): Promise<Decided> => {
    const { agreement, purpose } = signed.request;
    const { fields, disclosure } = prepared;
    const decided = await asked(() => decide({ agreement, signer, purpose, fields, disclosure }));
    trace.head = decided.head;
    const { reason } = decided.decision;
    if (isKnown(reason)) pace.know(signer);
    if (reason === "FieldOutsideLicense")
      throw new Refusal(reason, `It does not license ${prepared.outside.join(", ")}.`);
    if (reason !== null) throw new Refusal(reason);
    return decided;
  };

  const release = async (request: Authenticated, computed: Computed): Promise<Answer> => {
    const { agreement, result, head, letGo, ask } = computed;
    const { digest, bytes, rows } = result;
    const facts = { digest, bytes, rows };
    const told = { outcome: "Permitted", reason: null, result: facts, head, lineage: agreement.lineage } as const;
    const recorded = await record(request, told)
      .catch((error: unknown) => {
        result.drop();
        throw error;
      })
      .finally(letGo);
    const waits = agreement.terms.assurance === "Anchored";
    return deliver(request, { ...recorded, result, waits, ask });
  };

  /** The last step before the socket. What has to wait longer is kept for the same signer with the same request. */
  const deliver = async (request: Authenticated, recorded: Recorded): Promise<Answer> => {
    const { entry, receipt, result, waits, ask } = recorded;
    const keep = (): boolean => waits && held.put(heldKey(request), recorded, result.bytes);
    if (waits && !(await anchor.whenAnchored(receipt.index, dependencies.anchoredTimeoutMs))) {
      const isKept = keep();
      if (!isKept) result.drop();
      const again = isKept ? " Ask again with this same signed request." : "";
      return { entry, receipt, reason: "AnchorOverdue", detail: `Results leave only once they are anchored.${again}` };
    }
    const requirePermitted = (): Promise<void> =>
      askInTime(ask).catch((error: unknown) => {
        const stop = asRefusal(error, request.digest);
        // once it is anchored, the use itself may have been the last
        if (stop.reason !== "UsesExhausted") throw stop;
      });
    try {
      await requirePermitted();
    } catch (error) {
      const { reason, detail } = asRefusal(error, request.digest);
      result.drop();
      return { entry, receipt, reason, detail };
    }
    const settle = (isSent: boolean): void => {
      if (isSent || !keep()) result.drop();
    };
    return { entry, receipt, result, settle, requirePermitted };
  };

  const refuse = async (request: Authenticated, { head }: Trace, { reason, detail }: Refusal): Promise<Answer> => {
    const { outcome } = reasonFacts[reason];
    return { ...(await record(request, { outcome, reason, result: null, head, lineage: null })), reason, detail };
  };

  const asRefusal = (error: unknown, digest: RequestDigest): Refusal => {
    if (!(error instanceof Refusal)) dependencies.report(error, digest);
    else if (error.cause !== undefined) dependencies.report(error.cause, digest);
    return error instanceof Refusal ? error : new Refusal("QueryFailed");
  };

  return use;
}

/** The newest block that was asked about a request. */
type Trace = { head: Head | null };

/** What the policy is asked about before the statement is read. */
const nothingAsked = { fields: 0n, disclosure: "Aggregate" } as const;

const heldKey = ({ digest, signer }: Authenticated): HeldKey => `${digest}${signer}`;

/** Refusals that anybody can bring about with what somebody else once signed. */
const isSecondHand = (reason: Reason): boolean =>
  reason === "RequestReplayed" || reason === "RequestStale" || reason === "GatewayMismatch";

/** An answer that took longer may be from before a stop: of the chain, or of this process. */
const freshMs = 1_000;
const mostTries = 3;

/** Asks until an answer comes fresh. Rejects with `Refusal` if none does. */
async function askInTime(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const askedAt = performance.now();
    await ask();
    if (performance.now() - askedAt < freshMs) return;
  }
  throw new Refusal("ChainUnavailable");
}

/** Whether the policy got past the question whose key it is. */
function isKnown(reason: DenialReason | null): boolean {
  return reason === null || denialReasons.indexOf(reason) > denialReasons.indexOf("SignerUnknown");
}

/** Whatever keeps the chain from answering is a refusal. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new Refusal(chainReasonOf(cause), undefined, cause);
  }
}

function chainReasonOf(error: unknown): GatewayReason {
  if (error instanceof HeadBehind) return "ChainBehind";
  if (error instanceof NodesDisagree) return "ChainContradicted";
  if (error instanceof ChainReorganized) return "ChainReorganized";
  return "ChainUnavailable";
}
