import type { Anchor } from "../anchor/anchor.ts";
import type { Head } from "../chain/head.ts";
import { NodesDisagree } from "../chain/secondNode.ts";
import { ChainReorganized, HeadBehind, type ReadView } from "../chain/view.ts";
import { canonicalBytes, type Entry } from "../domain/entry.ts";
import { fromHex, sha256, toHex } from "../domain/hash.ts";
import type { ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { GatewayReason, Reason } from "../domain/reasons.ts";
import { reasonFacts } from "../domain/reasons.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Result } from "../domain/result.ts";
import { recoverSigner } from "../domain/signature.ts";
import type { SignedRequest, UsageRequest } from "../domain/usageRequest.ts";
import type { Agreement, FindAgreement } from "../license/agreements.ts";
import type { Decide, Decided } from "../license/decide.ts";
import type { Prepare, Prepared } from "./prepare.ts";
import type { Quota } from "./quota.ts";
import type { Authenticated, Record } from "./record.ts";
import { Refusal } from "./refusal.ts";
import type { ReplayGuard } from "./replay.ts";

/** What leaves the gateway: never without the entry that records it and the receipt that promises it. */
export type Answer = { readonly entry: Entry; readonly receipt: Receipt } & (
  | { readonly result: Result; readonly resultBytes: Buffer }
  | { readonly reason: Reason; readonly detail: string | undefined }
);

/** Thrown for a signature that is not in the one accepted form: there is nobody whom an entry could name. */
export class SignatureMalformed extends Error {
  override readonly name = "SignatureMalformed";
}

/** Answers one signed request. Rejects with `JournalUnavailable` if the entry could not be made durable; nothing has left then. */
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
  readonly record: Record;
  readonly anchor: Pick<Anchor, "oldestWait" | "whenAnchored">;
  /** Oldest wait, in seconds, after which nothing more is released. */
  readonly longestWait: number;
  readonly anchoredTimeoutMs: number;
  readonly report: (error: unknown, request: RequestDigest) => void;
};

/** What may leave, the use that was set aside for it, and the block that permitted it. */
type Computed = {
  readonly agreement: Agreement;
  readonly result: Result;
  readonly resultBytes: Buffer;
  readonly head: Head;
  readonly letGo: () => void;
};

/** Makes the line: authenticate, decide, enforce, run, append, answer. */
export function createUse(dependencies: UseDependencies): Use {
  const { gateway, hashRequest, replayGuard, findAgreement, decide, prepare, quota, record, anchor } = dependencies;

  const use: Use = async (signed) => {
    const digest = hashRequest(signed.request);
    const signer = recoverSigner(fromHex(digest), signed.signature);
    if (signer === undefined) throw new SignatureMalformed();
    const request = { signed, digest, signer };
    const trace: Trace = { head: null };
    let computed: Computed;
    try {
      computed = await compute(request, trace);
    } catch (error) {
      return refuse(request, trace, asRefusal(error, digest));
    }
    return release(request, computed);
  };

  const compute = async (authenticated: Authenticated, trace: Trace): Promise<Computed> => {
    const { request } = authenticated.signed;
    if (request.gateway !== gateway) throw new Refusal("GatewayMismatch");
    if (!replayGuard.isFresh(request.issuedAt)) throw new Refusal("RequestStale");
    if (!replayGuard.take(authenticated.digest)) throw new Refusal("RequestReplayed");
    if (anchor.oldestWait() > dependencies.longestWait) throw new Refusal("AnchorOverdue");

    const agreement = await asked(async () =>
      findAgreement(request.agreement, (await dependencies.readView()).head.hash),
    );
    const prepared = await prepare(agreement, request.statement);
    const ask = (): Promise<Decided> => permitted(authenticated, prepared, trace);
    const { decision, log } = await ask();
    if (prepared.refusal !== undefined) throw prepared.refusal;
    if (agreement === undefined) throw new Refusal("AgreementUnknown");

    const letGo = quota.reserve(agreement.lineage, decision.usesLeft, log.size);
    if (letGo === undefined) throw new Refusal("UsesExhausted");
    try {
      const result = await prepared.run();
      const resultBytes = canonicalBytes(result);
      const { head } = await ask();
      return { agreement, result, resultBytes, head, letGo };
    } catch (error) {
      letGo();
      throw error;
    }
  };

  const permitted = async ({ signed, signer }: Authenticated, prepared: Prepared, trace: Trace): Promise<Decided> => {
    const { agreement, purpose } = signed.request;
    const { fields, disclosure } = prepared;
    const decided = await asked(() => decide({ agreement, signer, purpose, fields, disclosure }));
    trace.head = decided.head;
    const { reason } = decided.decision;
    if (reason === "FieldOutsideLicense")
      throw new Refusal(reason, `It does not license ${prepared.outside.join(", ")}.`);
    if (reason !== null) throw new Refusal(reason);
    return decided;
  };

  const release = async (request: Authenticated, computed: Computed): Promise<Answer> => {
    const { agreement, result, resultBytes, head, letGo } = computed;
    const facts = { digest: toHex(sha256(resultBytes)), bytes: resultBytes.length, rows: result.rows.length };
    const told = { outcome: "Permitted", reason: null, result: facts, head, lineage: agreement.lineage } as const;
    const recorded = await record(request, told).finally(letGo);
    if (agreement.terms.assurance === "Receipt") return { ...recorded, result, resultBytes };
    const isAnchored = await anchor.whenAnchored(recorded.receipt.index, dependencies.anchoredTimeoutMs);
    if (isAnchored) return { ...recorded, result, resultBytes };
    const detail = "The agreement lets results leave only once they are anchored.";
    return { ...recorded, reason: "AnchorOverdue", detail };
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
