import { entryDigest } from "../domain/entry.ts";
import { createReceiptSignerFinder } from "../domain/receiptSigner.ts";
import type { BundleEntry, BundleHeader } from "./bundle.ts";
import { bundleDomain } from "./bundleDomain.ts";
import { actedAt, type KeyPeriod } from "./keyHistory.ts";
import { type Evidence, freshnessProblem, promiseProblem, verifyReceipt } from "./verifyReceipt.ts";

/** Only request and result are looked at, for which the chain is not asked. */
const nothing = {
  chain: undefined,
  log: undefined,
  isGatewayKey: () => false,
  block: undefined,
  agreement: undefined,
  inclusion: undefined,
};

/**
 * What is wrong with what a consumer added to an entry, as of evidence that it keeps alone; undefined if nothing is.
 * @param keys Of the gateway.
 */
export function receiptProblem(
  { index, entry, receipt, signed, result }: BundleEntry,
  top: BundleHeader,
  keys: readonly KeyPeriod[],
): string | undefined {
  const told = `entry ${index}`;
  if (receipt === undefined) return signed === undefined && result === undefined ? undefined : `${told} has no receipt`;
  if (receipt.index !== index || receipt.entry !== entryDigest(entry) || receipt.gateway !== top.gateway)
    return `the receipt of ${told} is another entry's`;
  const [accessLog, usagePolicy] = [bundleDomain("AccessLog", top), bundleDomain("UsagePolicy", top)];
  const key = createReceiptSignerFinder(accessLog)(receipt);
  if (receipt.deadline <= receipt.issuedAt || key === undefined || !actedAt(keys, key, receipt.issuedAt))
    return `the receipt of ${told} was not signed by a key of the gateway at that time`;
  const late = promiseProblem(entry, receipt);
  if (late !== undefined) return `${told}: ${late}`;
  if (signed === undefined) return result === undefined ? undefined : `${told} has a result and no request`;
  if (entry.type !== "datapact/entry/1") return `${told} has a request and is no use`;
  const stale = freshnessProblem(entry, signed);
  if (stale !== undefined) return `${told}: ${stale}`;
  const evidence: Evidence = { signed, entry, receipt, ...(result === undefined ? {} : { result }) };
  const links = verifyReceipt(evidence, { ...nothing, accessLog, usagePolicy });
  const own = links.find(({ check, problem }) => (check === "request" || check === "result") && problem !== undefined);
  // whoever hands on a bundle may keep the result to itself
  return own?.check === "result" && result === undefined ? undefined : own && `${told}: ${own.problem}`;
}
