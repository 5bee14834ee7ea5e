import { Transaction } from "ethers";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Address, Hex } from "../domain/ids.ts";
import { readAppendCall } from "./appendCall.ts";
import type { BundleHeader } from "./bundle.ts";
import { actedInBlock, type KeyPeriod } from "./keyHistory.ts";
import { heightsOf, joinPeaks, peaksWithin, rootOfPeaks } from "./peaks.ts";

/**
 * What is wrong with the head of a bundle; undefined if the gateway itself signed its newest batch: its key sent the transaction whose
 * digests, after the entries before them, have this root. For the entries before, no signature of the gateway speaks here.
 */
export function headProblem({ manifest, head, asOf }: BundleHeader, keys: readonly KeyPeriod[]): string | undefined {
  if (asOf.number < head.block.number) return "the bundle tells less of the chain than the head's block";
  const sent = readTransaction(head.raw);
  if (sent?.hash !== head.transaction) return "the transaction of the head is not the one that it names";
  if (sent.chainId !== BigInt(manifest.chainId)) return "the transaction of the head was signed for another chain";
  if (sent.to !== manifest.contracts.AccessLog.address) return "the transaction of the head does not call the log";
  if (!actedInBlock(keys, sent.from, head.block.time))
    return "the head was not sent by a key of the gateway at that time";
  const call = readAppendCall(sent.data);
  if (call?.start !== head.start || call.digests.length !== (head.size - head.start) * 32)
    return "the transaction of the head appends other entries";
  const heights = heightsOf(head.start);
  if (heights.length !== head.peaks.length) return "the entries before the head's batch are not summed up";
  const before = head.peaks.map((hash, i) => ({ height: heights[i] ?? 0, hash: fromHex(hash) }));
  const root = rootOfPeaks(joinPeaks(before, peaksWithin(head.start, call.digests)));
  return root !== undefined && toHex(root) === head.root ? undefined : "the entries of the head do not have its root";
}

type Sent = { hash: string; chainId: bigint; from: Address; to: string | undefined; data: Buffer };

function readTransaction(raw: Hex): Sent | undefined {
  try {
    const { hash, chainId, from, to, data } = Transaction.from(raw);
    if (hash === null || from === null) return undefined;
    const sender = from.toLowerCase() as Address;
    return { hash, chainId, from: sender, to: to?.toLowerCase(), data: fromHex(data as Hex) };
  } catch {
    return undefined;
  }
}
