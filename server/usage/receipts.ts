import { toHex } from "../domain/hash.ts";
import type { EntryDigest, ParticipantId } from "../domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../domain/merkle.ts";
import type { BatchPromise, Receipt, ReceiptBatch } from "../domain/receipt.ts";
import { signDigest } from "../domain/signature.ts";
import type { Appended, SignBatch } from "../journal/journal.ts";

/** Writes the receipt of an entry that is durable: always the same one, since the promise is kept with the entry. */
export type WriteReceipt = (appended: Appended) => Receipt;

/** Trees of the batches at hand, so that a batch is hashed once for all its receipts. */
const trees = new WeakMap<readonly Uint8Array[], MerkleTree>();

function treeOf(digests: readonly Uint8Array[]): MerkleTree {
  const known = trees.get(digests);
  if (known !== undefined) return known;
  const tree = createMerkleTree();
  tree.append(digests);
  trees.set(digests, tree);
  return tree;
}

/**
 * Makes the signer of promises: one signature for all entries of a batch.
 * @param promiseSeconds Within how many seconds an entry is promised to be anchored.
 * @param now Unix seconds.
 */
export function createBatchSigner(
  gateway: ParticipantId,
  privateKey: Uint8Array,
  hash: (batch: ReceiptBatch) => Buffer,
  promiseSeconds: number,
  now: () => number,
): SignBatch {
  return (start, digests, issuedAt = now()): BatchPromise => {
    const count = digests.length;
    const deadline = issuedAt + promiseSeconds;
    const root = toHex(treeOf(digests).root(count));
    const signature = signDigest(hash({ gateway, start, count, root, issuedAt, deadline }), privateKey);
    return { issuedAt, deadline, signature };
  };
}

export function createReceiptWriter(gateway: ParticipantId): WriteReceipt {
  return ({ index, batch: { start, digests, promise } }) => {
    const count = digests.length;
    const digest = digests[index - start];
    if (digest === undefined) throw new RangeError(`entry ${index} is not in the batch at ${start}`);
    const path = treeOf(digests)
      .path(index - start, count)
      .map((node) => toHex(node));
    return { gateway, index, entry: toHex<EntryDigest>(digest), start, count, path, ...promise };
  };
}
