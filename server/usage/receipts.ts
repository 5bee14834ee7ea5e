import { toHex } from "../domain/hash.ts";
import type { EntryDigest, ParticipantId } from "../domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../domain/merkle.ts";
import type { Receipt, ReceiptBatch } from "../domain/receipt.ts";
import { signDigest } from "../domain/signature.ts";
import type { Appended, Batch } from "../journal/journal.ts";

/** Writes the receipt of an entry that is durable. */
export type WriteReceipt = (appended: Appended) => Receipt;

type Signed = { readonly tree: MerkleTree; readonly promise: Omit<Receipt, "index" | "entry" | "path"> };

/**
 * Makes the writer of receipts: one signature for all entries of a batch.
 * @param promiseSeconds Within how many seconds an entry is promised to be anchored.
 * @param now Unix seconds.
 */
export function createReceiptWriter(
  gateway: ParticipantId,
  privateKey: Uint8Array,
  hash: (batch: ReceiptBatch) => Buffer,
  promiseSeconds: number,
  now: () => number,
): WriteReceipt {
  const signed = new WeakMap<Batch, Signed>();

  const sign = ({ start, digests }: Batch): Signed => {
    const tree = createMerkleTree();
    tree.append(digests);
    const count = digests.length;
    const issuedAt = now();
    const promise = { gateway, start, count, issuedAt, deadline: issuedAt + promiseSeconds };
    const signature = signDigest(hash({ ...promise, root: toHex(tree.root(count)) }), privateKey);
    return { tree, promise: { ...promise, signature } };
  };

  return ({ index, batch }) => {
    const known = signed.get(batch) ?? sign(batch);
    signed.set(batch, known);
    const place = index - batch.start;
    const digest = batch.digests[place];
    if (digest === undefined) throw new RangeError(`entry ${index} is not in the batch at ${batch.start}`);
    const path = known.tree.path(place, batch.digests.length).map((node) => toHex(node));
    return { ...known.promise, index, entry: toHex<EntryDigest>(digest), path };
  };
}
