import { canonicalBytes, type Entry, entryDigest, type UsageEntry } from "../domain/entry.ts";
import { fromHex, sha256, toHex } from "../domain/hash.ts";
import type { Address, Hash } from "../domain/ids.ts";
import { rootFromPath } from "../domain/merkle.ts";
import { longestPromise, type Receipt } from "../domain/receipt.ts";
import type { Result } from "../domain/result.ts";
import { recoverSigner } from "../domain/signature.ts";
import type { Terms } from "../domain/terms.ts";
import { createReceiptHasher, createRequestHasher, type SigningDomain } from "../domain/typedData.ts";
import { requestWindow, type SignedRequest } from "../domain/usageRequest.ts";
import type { Link } from "./report.ts";

/** What a consumer keeps of one use: what it signed and all that the gateway answered. `result` is absent after a refusal. */
export type Evidence = {
  readonly signed: SignedRequest;
  readonly entry: UsageEntry;
  readonly receipt: Receipt;
  readonly result?: Result;
};

/** What the chain says, gathered by the caller. */
export type ChainFacts = {
  /** What tells that the chain or its contracts are others than the manifest's (`identityProblem`); undefined if nothing does. */
  readonly chain: string | undefined;
  /** What is broken in the gateway's log as a whole (`verifyLog`); undefined if nothing is. */
  readonly log: string | undefined;
  readonly accessLog: SigningDomain;
  readonly usagePolicy: SigningDomain;
  /** Whether this key acted for the receipt's gateway when the receipt was issued. */
  readonly isGatewayKey: (key: Address) => boolean;
  /** The block of the number that the entry names, and when the next one came; undefined if the chain has none. Unix seconds. */
  readonly block: { readonly hash: Hash; readonly time: number; readonly nextTime: number | undefined } | undefined;
  /** The agreement that the entry names; undefined if the chain has none. */
  readonly agreement: AgreementFacts | undefined;
  /** A head that the log has on chain and that covers the entry, with the path to it; undefined if there is none. */
  readonly inclusion: { readonly size: number; readonly root: Hash; readonly path: readonly Hash[] } | undefined;
};

/** What the chain says of an agreement, at the entry's time and block. */
export type AgreementFacts = {
  readonly terms: Pick<Terms, "purpose" | "validFrom" | "validUntil">;
  /** Whether the entry's signer acted for the assignee, and the gateway for the assigner. */
  readonly partiesActed: boolean;
  /** Whether all had signed, and nobody had suspended or ended it, at the entry's block. */
  readonly stood: boolean;
};

export const receiptChecks = [
  "chain",
  "request",
  "result",
  "entry",
  "signature",
  "block",
  "time",
  "agreement",
  "log",
  "inclusion",
] as const;
export type ReceiptCheck = (typeof receiptChecks)[number];

export type Checked = Link<ReceiptCheck>;

/**
 * Checks the chain of evidence from the request to the head on chain, link by link, and does no I/O. Every link is checked, so
 * that the first one with a problem is where it broke. What is missing is a problem.
 */
export function verifyReceipt(evidence: Evidence, facts: ChainFacts): Checked[] {
  return receiptChecks.map((check) => ({ check, problem: checks[check](evidence, facts) }));
}

/** By how much clocks may differ and a query may take, in seconds. */
const clockGrace = 60;

/** What is wrong with the times of a receipt; undefined if it was given after its entry and promises what it may. */
export function promiseProblem({ time: text }: Pick<Entry, "time">, receipt: Receipt): string | undefined {
  const time = Date.parse(text) / 1_000;
  if (receipt.issuedAt < time - clockGrace) return "the receipt is older than its entry";
  return receipt.deadline > time + longestPromise + clockGrace
    ? "the receipt puts its deadline off too far"
    : undefined;
}

/** What is wrong with the time of a request; undefined if it was fresh, or refused. */
export function freshnessProblem({ time, outcome }: UsageEntry, { request }: SignedRequest): string | undefined {
  const age = Math.abs(Date.parse(time) / 1_000 - request.issuedAt);
  return outcome === "Permitted" && age > requestWindow + clockGrace ? "the request was not fresh" : undefined;
}

type Check = (evidence: Evidence, facts: ChainFacts) => string | undefined;

const checks: { readonly [C in ReceiptCheck]: Check } = {
  chain: (_evidence, { chain }) => chain,

  request: ({ signed, entry }, { usagePolicy }) => {
    const { request, signature } = signed;
    const digest = createRequestHasher(usagePolicy)(request);
    if (digest !== entry.request) return "the entry records another request";
    if (recoverSigner(fromHex(digest), signature) !== entry.signer)
      return "the request was not signed by the entry's signer";
    const same =
      request.gateway === entry.gateway && request.agreement === entry.agreement && request.purpose === entry.purpose;
    return same ? undefined : "gateway, agreement or purpose of the request differ from the entry's";
  },

  result: ({ entry, result }) => {
    if (entry.outcome !== "Permitted") {
      return result === undefined && entry.result === null && entry.reason !== null
        ? undefined
        : "a refusal bears a result, or no reason";
    }
    if (entry.result === null || entry.reason !== null)
      return "the entry of a permitted use names no result, or a reason";
    if (result === undefined) return "the result is missing";
    const bytes = canonicalBytes(result);
    if (toHex(sha256(bytes)) !== entry.result.digest) return "the result is not the one that was recorded";
    const same = bytes.length === entry.result.bytes && result.rows.length === entry.result.rows;
    return same ? undefined : "the result has another size than was recorded";
  },

  entry: ({ entry, receipt }) => {
    if (entryDigest(entry) !== receipt.entry) return "the receipt is for another entry";
    return entry.gateway === receipt.gateway ? undefined : "the receipt is another gateway's";
  },

  signature: ({ receipt }, { accessLog, isGatewayKey }) => {
    const { gateway, start, count, issuedAt, deadline, index } = receipt;
    if (deadline <= issuedAt) return "the receipt promises nothing: its deadline is not after its issue";
    const root = rootFromPath(fromHex(receipt.entry), index - start, count, receipt.path.map(fromHex));
    if (root === undefined) return "the receipt's path does not belong to its index";
    const digest = createReceiptHasher(accessLog)({ gateway, start, count, root: toHex(root), issuedAt, deadline });
    const signer = recoverSigner(digest, receipt.signature);
    return signer !== undefined && isGatewayKey(signer)
      ? undefined
      : "the receipt was not signed by a key of the gateway at that time";
  },

  block: ({ entry }, { block }) => {
    if (entry.block === null) return entry.outcome === "Permitted" ? "a permitted use names no block" : undefined;
    return entry.block.hash === block?.hash
      ? undefined
      : "the block under which the use was decided is not on this chain";
  },

  time: ({ signed, entry, receipt }, { block }) => {
    const time = Date.parse(entry.time) / 1_000;
    const problem = promiseProblem(entry, receipt) ?? freshnessProblem(entry, signed);
    if (problem !== undefined || entry.outcome !== "Permitted") return problem;
    if (block === undefined || block.time > time + clockGrace)
      return "the use was decided under a block that came later";
    const isOutdated = block.nextTime !== undefined && block.nextTime < time - clockGrace;
    return isOutdated ? "the use was decided under a block that was not the newest" : undefined;
  },

  agreement: ({ entry }, { agreement }) => {
    if (entry.outcome !== "Permitted") return undefined;
    if (agreement === undefined) return "the chain has no such agreement";
    const { terms, partiesActed, stood } = agreement;
    const time = Date.parse(entry.time) / 1_000;
    if (terms.purpose !== entry.purpose) return "the agreement was made for another purpose";
    const isValid = time >= terms.validFrom - clockGrace && time < terms.validUntil + clockGrace;
    if (!isValid) return "the agreement was not valid at that time";
    if (!partiesActed) return "the signer did not act for the assignee, or the gateway not for the assigner";
    return stood ? undefined : "the agreement was not in force at that block";
  },

  log: (_evidence, { log }) => log,

  inclusion: ({ receipt }, { inclusion }) => {
    if (inclusion === undefined) return "the entry is not anchored";
    const root = rootFromPath(fromHex(receipt.entry), receipt.index, inclusion.size, inclusion.path.map(fromHex));
    return root !== undefined && toHex(root) === inclusion.root
      ? undefined
      : "another entry stands at the promised index";
  },
};
