import { fromHex, toHex } from "./hash.ts";
import type { Address } from "./ids.ts";
import { rootFromPath } from "./merkle.ts";
import type { Receipt } from "./receipt.ts";
import { recoverSigner } from "./signature.ts";
import { createReceiptHasher, type SigningDomain } from "./typedData.ts";

/** Finds who signed a receipt; undefined if its path does not belong to its index, or the signature is not in the one form. */
export type FindReceiptSigner = (receipt: Receipt) => Address | undefined;

/** @param log The domain of the `AccessLog` that the receipt is about. */
export function createReceiptSignerFinder(log: SigningDomain): FindReceiptSigner {
  const hash = createReceiptHasher(log);
  return ({ gateway, index, entry, start, count, issuedAt, deadline, path, signature }) => {
    const root = rootFromPath(fromHex(entry), index - start, count, path.map(fromHex));
    return root && recoverSigner(hash({ gateway, start, count, root: toHex(root), issuedAt, deadline }), signature);
  };
}
