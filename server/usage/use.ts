import { randomBytes } from "node:crypto";
import type { Anchor } from "../anchor/anchor.ts";
import type { Head, ReadHead } from "../chain/head.ts";
import { canonicalBytes, type Entry, entryDigest } from "../domain/entry.ts";
import { fromHex, sha256, toHex } from "../domain/hash.ts";
import type { Address, AgreementId, Hash, ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { Reason } from "../domain/reasons.ts";
import { reasonFacts } from "../domain/reasons.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Result } from "../domain/result.ts";
import { recoverSigner } from "../domain/signature.ts";
import type { SignedRequest, UsageRequest } from "../domain/usageRequest.ts";
import type { Journal } from "../journal/journal.ts";
import type { Agreement, FindAgreement } from "../license/agreements.ts";
import type { Decide, Decided } from "../license/decide.ts";
import type { Prepare, Prepared } from "./prepare.ts";
import type { Quota } from "./quota.ts";
import type { WriteReceipt } from "./receipts.ts";
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
  readonly readHead: ReadHead;
  readonly findAgreement: FindAgreement;
  readonly decide: Decide;
  readonly prepare: Prepare;
  readonly quota: Quota;
  readonly append: Journal["append"];
  readonly writeReceipt: WriteReceipt;
  readonly anchor: Pick<Anchor, "oldestWait" | "whenAnchored">;
  /** Oldest wait, in seconds, after which nothing more is released. */
  readonly longestWait: number;
  readonly anchoredTimeoutMs: number;
  readonly now: () => Date;
  readonly report: (error: unknown, request: RequestDigest) => void;
};

/** A request whose signer is known: what every later step refers to. */
type Authenticated = { readonly request: UsageRequest; readonly digest: RequestDigest; readonly signer: Address };

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
  const { gateway, hashRequest, replayGuard, findAgreement, decide, prepare, quota, anchor } = dependencies;

  const use: Use = async (signed) => {
    const digest = hashRequest(signed.request);
    const signer = recoverSigner(fromHex(digest), signed.signature);
    if (signer === undefined) throw new SignatureMalformed();
    const authenticated = { request: signed.request, digest, signer };
    const trace: Trace = { head: null };
    let computed: Computed;
    try {
      computed = await compute(authenticated, trace);
    } catch (error) {
      return refuse(signed, authenticated, trace, asRefusal(error, digest));
    }
    return release(signed, authenticated, computed);
  };

  const compute = async ({ request, digest, signer }: Authenticated, trace: Trace): Promise<Computed> => {
    if (request.gateway !== gateway) throw new Refusal("GatewayMismatch");
    if (!replayGuard.isFresh(request.issuedAt)) throw new Refusal("RequestStale");
    if (!replayGuard.take(digest)) throw new Refusal("RequestReplayed");
    if (anchor.oldestWait() > dependencies.longestWait) throw new Refusal("AnchorOverdue");

    const agreement = await asked(async () => findAgreement(request.agreement, (await dependencies.readHead()).hash));
    const prepared = await prepare(agreement, request.statement);
    const ask = (): Promise<Decided> => permitted(request, signer, prepared, trace);
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

  const permitted = async (
    request: UsageRequest,
    signer: Address,
    prepared: Prepared,
    trace: Trace,
  ): Promise<Decided> => {
    const { agreement, purpose } = request;
    const { fields, disclosure } = prepared;
    const decided = await asked(() => decide({ agreement, signer, purpose, fields, disclosure }));
    trace.head = decided.head;
    const { reason } = decided.decision;
    if (reason === "FieldOutsideLicense")
      throw new Refusal(reason, `It does not license ${prepared.outside.join(", ")}.`);
    if (reason !== null) throw new Refusal(reason);
    return decided;
  };

  const release = async (
    signed: SignedRequest,
    { digest, signer }: Authenticated,
    computed: Computed,
  ): Promise<Answer> => {
    const { agreement, result, resultBytes, head } = computed;
    const facts = { digest: toHex(sha256(resultBytes)), bytes: resultBytes.length, rows: result.rows.length };
    const entry = newEntry(signed.request, digest, signer, { outcome: "Permitted", reason: null, head, result: facts });
    const receipt = await record(signed, entry, agreement.lineage).finally(computed.letGo);
    if (
      agreement.terms.assurance === "Anchored" &&
      !(await anchor.whenAnchored(receipt.index, dependencies.anchoredTimeoutMs))
    ) {
      return {
        entry,
        receipt,
        reason: "AnchorOverdue",
        detail: "The agreement lets results leave only once they are anchored.",
      };
    }
    return { entry, receipt, result, resultBytes };
  };

  const refuse = async (
    signed: SignedRequest,
    { digest, signer }: Authenticated,
    { head }: Trace,
    { reason, detail }: Refusal,
  ): Promise<Answer> => {
    const { outcome } = reasonFacts[reason];
    const entry = newEntry(signed.request, digest, signer, { outcome, reason, head, result: null });
    return { entry, receipt: await record(signed, entry, null), reason, detail };
  };

  const record = async (signed: SignedRequest, entry: Entry, lineage: AgreementId | null): Promise<Receipt> => {
    try {
      const appended = await dependencies.append({
        digest: fromHex(entryDigest(entry)),
        request: fromHex(entry.request),
        agreement: fromHex(entry.agreement),
        lineage: lineage === null ? null : fromHex(lineage),
        body: canonicalBytes(entry).toString(),
        evidence: JSON.stringify(signed),
      });
      return dependencies.writeReceipt(appended);
    } catch (error) {
      if (entry.reason !== "RequestReplayed") replayGuard.forget(entry.request);
      throw error;
    }
  };

  type Told = Pick<Entry, "outcome" | "reason" | "result"> & { readonly head: Head | null };
  const newEntry = (request: UsageRequest, digest: RequestDigest, signer: Address, told: Told): Entry => ({
    type: "datapact/entry/1",
    gateway,
    time: dependencies.now().toISOString(),
    request: digest,
    agreement: request.agreement,
    signer,
    purpose: request.purpose,
    outcome: told.outcome,
    reason: told.reason,
    block: told.head && { number: told.head.number, hash: told.head.hash },
    result: told.result,
    salt: toHex<Hash>(randomBytes(32)),
  });

  const asRefusal = (error: unknown, digest: RequestDigest): Refusal => {
    if (!(error instanceof Refusal)) dependencies.report(error, digest);
    else if (error.cause !== undefined) dependencies.report(error.cause, digest);
    return error instanceof Refusal ? error : new Refusal("QueryFailed");
  };

  return use;
}

/** The newest block that was asked about a request. */
type Trace = { head: Head | null };

/** Whatever keeps the chain from answering is one refusal. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new Refusal("ChainUnavailable", undefined, cause);
  }
}
