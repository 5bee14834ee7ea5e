import { canonicalBytes, type Entry, entryDigest } from "../domain/entry.ts";
import { fromHex, sha256, toHex } from "../domain/hash.ts";
import type { Address, Hash } from "../domain/ids.ts";
import { rootFromPath } from "../domain/merkle.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Result } from "../domain/result.ts";
import { recoverSigner } from "../domain/signature.ts";
import { createReceiptHasher, createRequestHasher, type SigningDomain } from "../domain/typedData.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";

/** What a consumer keeps of one use: what it signed and all that the gateway answered. `result` is absent after a refusal. */
export type Evidence = {
  readonly signed: SignedRequest;
  readonly entry: Entry;
  readonly receipt: Receipt;
  readonly result?: Result;
};

/** What the chain says, gathered by the caller. */
export type ChainFacts = {
  readonly accessLog: SigningDomain;
  readonly usagePolicy: SigningDomain;
  /** Whether this key acted for the receipt's gateway when the receipt was issued. */
  readonly isGatewayKey: (key: Address) => boolean;
  /** Hash of the block that the entry names; undefined if the chain has none of that number. */
  readonly blockHash: Hash | undefined;
  /** A head that the log has on chain and that covers the entry, with the path to it; undefined if there is none. */
  readonly inclusion: { readonly size: number; readonly root: Hash; readonly path: readonly Hash[] } | undefined;
};

export const receiptChecks = ["request", "result", "entry", "signature", "block", "inclusion"] as const;
export type ReceiptCheck = (typeof receiptChecks)[number];

/** The outcome of one check: `problem` says what is broken; undefined if nothing is. */
export type Checked = { readonly check: ReceiptCheck; readonly problem: string | undefined };

/**
 * Checks the chain of evidence from the request to the head on chain, link by link, and does no I/O. Every link is checked, so
 * that the first one with a problem is where it broke. What is missing is a problem.
 */
export function verifyReceipt(evidence: Evidence, facts: ChainFacts): Checked[] {
  return receiptChecks.map((check) => ({ check, problem: checks[check](evidence, facts) }));
}

type Check = (evidence: Evidence, facts: ChainFacts) => string | undefined;

const checks: { readonly [C in ReceiptCheck]: Check } = {
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

  block: ({ entry }, { blockHash }) => {
    if (entry.block === null) return entry.outcome === "Permitted" ? "a permitted use names no block" : undefined;
    return entry.block.hash === blockHash
      ? undefined
      : "the block under which the use was decided is not on this chain";
  },

  inclusion: ({ receipt }, { inclusion }) => {
    if (inclusion === undefined) return "the entry is not anchored";
    const root = rootFromPath(fromHex(receipt.entry), receipt.index, inclusion.size, inclusion.path.map(fromHex));
    return root !== undefined && toHex(root) === inclusion.root
      ? undefined
      : "another entry stands at the promised index";
  },
};
