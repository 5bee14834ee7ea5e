import type { Receipt } from "../domain/receipt.ts";
import { type Batch, type Journal, JournalUnavailable, type SignBatch } from "../journal/journal.ts";
import type { StoredPromise } from "../store/entryReader.ts";
import type { WriteReceipt } from "./receipts.ts";

/**
 * Gives the receipt of an entry again: the very promise that was made when the entry became durable, so that asking again neither puts a
 * deadline off nor brings a second promise into the world. Rejects with `JournalUnavailable` if the store tells of a promise that no key
 * of the gateway signed.
 */
export type Reissue = (index: number) => Promise<Receipt>;

export type ReissueParts = {
  readonly promiseOf: (index: number) => Promise<StoredPromise | undefined>;
  readonly journal: Pick<Journal, "digests" | "appendedAt">;
  readonly writeReceipt: WriteReceipt;
  readonly isSigned: (receipt: Receipt) => Promise<boolean>;
  readonly sign: SignBatch;
};

export function createReissue({ promiseOf, journal, writeReceipt, isSigned, sign }: ReissueParts): Reissue {
  const batchOf = async (index: number): Promise<Batch> => {
    const stored = await promiseOf(index);
    if (stored !== undefined) {
      const { start, count, ...promise } = stored;
      return { start, digests: journal.digests(start, start + count), promise };
    }
    // entries of releases that did not keep their promises: dated from when the entry became durable, thus the same each time
    const digests = journal.digests(index, index + 1);
    return { start: index, digests, promise: sign(index, digests, Math.floor(journal.appendedAt(index) ?? 0)) };
  };
  return async (index) => {
    try {
      const receipt = writeReceipt({ index, batch: await batchOf(index) });
      if (await isSigned(receipt)) return receipt;
    } catch (error) {
      throw new JournalUnavailable(error);
    }
    throw new JournalUnavailable(new Error(`the promise of entry ${index} in the store is not the one that was made`));
  };
}
