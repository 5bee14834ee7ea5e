import { solidityPacked } from "ethers";
import type { Hex } from "./ids.ts";
import type { Receipt } from "./receipt.ts";

/** A receipt as challenges take it: its fields in the order that `PackedReceipts` reads, each in its own width. */
export function packedReceipt(receipt: Omit<Receipt, "gateway">): Hex {
  const { entry, index, start, count, issuedAt, deadline, signature, path } = receipt;
  return solidityPacked(
    ["bytes32", "uint64", "uint64", "uint64", "uint48", "uint48", "bytes", "bytes32[]"],
    [entry, index, start, count, issuedAt, deadline, signature, path],
  ) as Hex;
}
