import type { Space } from "../chain/space.ts";
import type { Address } from "../domain/ids.ts";
import { createReceiptSignerFinder } from "../domain/receiptSigner.ts";
import { type Evidence, type ReceiptCheck, verifyReceipt } from "../proof/verifyReceipt.ts";

const binding: ReadonlySet<ReceiptCheck> = new Set(["request", "entry", "signature"]);

/**
 * What keeps an answer from binding its gateway to this request; undefined if a key of the gateway has promised an entry that records
 * exactly what was asked. The result is not looked at.
 */
export async function bindingProblem(space: Space, evidence: Evidence): Promise<string | undefined> {
  const { receipt } = evidence;
  const accessLog = space.domainOf("AccessLog");
  const { hash } = await space.readHead();
  const key = createReceiptSignerFinder(accessLog)(receipt);
  const acted = key !== undefined && (await space.reader.isKeyOf(key, receipt.gateway, receipt.issuedAt, hash));
  const links = verifyReceipt(evidence, {
    chain: undefined,
    log: undefined,
    accessLog,
    usagePolicy: space.domainOf("UsagePolicy"),
    isGatewayKey: (asked: Address) => acted && asked === key,
    block: undefined,
    agreement: undefined,
    inclusion: undefined,
  });
  return links.find(({ check, problem }) => binding.has(check) && problem !== undefined)?.problem;
}
