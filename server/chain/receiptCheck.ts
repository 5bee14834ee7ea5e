import type { Address } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";
import { createReceiptSignerFinder } from "../domain/receiptSigner.ts";
import type { Space } from "./space.ts";

/** Tells whether a key of its gateway signed a receipt while that key acted, as the chain has it now. */
export type CheckReceipt = (receipt: Receipt) => Promise<boolean>;

/** @param own A key whose receipts are known as such without asking the chain. */
export function createReceiptCheck({ domainOf, readHead, reader }: Space, own?: Address): CheckReceipt {
  const signerOf = createReceiptSignerFinder(domainOf("AccessLog"));
  return async (receipt) => {
    const key = signerOf(receipt);
    if (key === undefined) return false;
    if (key === own) return true;
    return reader.isKeyOf(key, receipt.gateway, receipt.issuedAt, (await readHead()).hash);
  };
}
