import { Transaction } from "ethers";
import { z } from "zod";
import type { Hash, Hex } from "../domain/ids.ts";
import type { Send } from "./provider.ts";

const hex = z.string().regex(/^0x[0-9a-fA-F]*$/);
const sentSchema = z.object({
  type: hex,
  nonce: hex.transform(Number),
  to: hex.nullable(),
  input: hex,
  value: hex,
  gas: hex,
  gasPrice: hex.optional(),
  maxFeePerGas: hex.optional(),
  maxPriorityFeePerGas: hex.optional(),
  accessList: z.array(z.object({ address: hex, storageKeys: z.array(hex) })).optional(),
  chainId: hex.optional(),
  r: hex,
  s: hex,
  v: hex.optional(),
  yParity: hex.optional(),
});

/** A mined transaction as it was signed and sent. Throws if what the node shows of it does not hash to its name. */
export async function readRawTransaction(send: Send, hash: Hash): Promise<Hex> {
  const sent = sentSchema.parse(await send("eth_getTransactionByHash", [hash]));
  const type = Number(sent.type);
  const isPriced = type === 2;
  const { serialized, hash: own } = Transaction.from({
    type,
    nonce: sent.nonce,
    to: sent.to,
    data: sent.input,
    value: sent.value,
    gasLimit: sent.gas,
    ...(isPriced ? {} : { gasPrice: sent.gasPrice ?? "0x0" }),
    ...(isPriced
      ? { maxFeePerGas: sent.maxFeePerGas ?? "0x0", maxPriorityFeePerGas: sent.maxPriorityFeePerGas ?? "0x0" }
      : {}),
    ...(type === 0 ? {} : { accessList: sent.accessList ?? [] }),
    ...(sent.chainId === undefined ? {} : { chainId: sent.chainId }),
    signature: { r: padded(sent.r), s: padded(sent.s), v: Number(sent.v ?? sent.yParity ?? "0x0") },
  });
  if (own !== hash) throw new Error(`transaction ${hash} is of a kind that cannot be handed on as evidence`);
  return serialized as Hex;
}

const padded = (value: string): string => `0x${value.slice(2).padStart(64, "0")}`;
