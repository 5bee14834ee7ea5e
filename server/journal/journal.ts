import { toHex } from "../domain/hash.ts";
import type { AgreementId } from "../domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../domain/merkle.ts";
import type { BatchPromise } from "../domain/receipt.ts";
import type { EntryRow, JournalStore, TailRow } from "../store/journalStore.ts";

/** Entries that became durable together, and what was promised for them in the same commit. */
export type Batch = { readonly start: number; readonly digests: readonly Buffer[]; readonly promise: BatchPromise };

/** Signs the promise for a batch; its time of issue, unix seconds, is the present unless it is given. */
export type SignBatch = (start: number, digests: readonly Buffer[], issuedAt?: number) => BatchPromise;

/** Where an entry stands. */
export type Appended = { readonly index: number; readonly batch: Batch };

/** The append-only journal of one gateway. */
export type Journal = {
  /**
   * Appends one entry. When it resolves, the entry is durable and has its index for ever; entries that wait share one commit.
   * Rejects with `JournalUnavailable` if that cannot be promised: nothing may be answered then.
   */
  readonly append: (row: EntryRow) => Promise<Appended>;
  /** Resolves if the store answers now; recovers it if it was lost. */
  readonly probe: () => Promise<void>;
  readonly tree: Omit<MerkleTree, "append">;
  /** Digests of the entries `[start, end)`. */
  readonly digests: (start: number, end: number) => readonly Buffer[];
  /** How often each agreement was used in the entries `[start, end)`. */
  readonly uses: (start: number, end: number) => ReadonlyMap<AgreementId, number>;
  /** When an entry was appended, unix seconds. */
  readonly appendedAt: (index: number) => number | undefined;
  /** Settles what waits, then closes the store. */
  readonly close: () => Promise<void>;
};

/** Thrown when an entry could not be made durable. It may yet turn out to stand in the log; nobody was answered. */
export class JournalUnavailable extends Error {
  override readonly name = "JournalUnavailable";
  constructor(cause: unknown) {
    super("the journal cannot be written, so nothing may leave", { cause });
  }
}

const mostInBatch = 1_024;
const mostAtOnce = 50_000;

type Waiting = {
  readonly row: EntryRow;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: JournalUnavailable) => void;
};

/**
 * Opens the journal: reads every entry back, rebuilds the tree and tells `replay` of each entry once, in order, those included that
 * turn up when the store was lost in the middle of a commit.
 * @param open Connects to the store; called again after it was lost.
 * @param sign Makes the promise that becomes durable with a batch, so that there is one for it ever after.
 */
export async function openJournal(
  open: () => Promise<JournalStore>,
  replay: (row: TailRow, index: number) => void,
  sign: SignBatch,
): Promise<Journal> {
  const tree = createMerkleTree();
  const digests: Buffer[] = [];
  const used: (AgreementId | null)[] = [];
  const times: number[] = [];
  let store: JournalStore | undefined = await open();
  let queue: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let closed = false;

  const intern = createInterner<AgreementId>();

  const keep = (row: TailRow): void => {
    replay(row, digests.length);
    digests.push(row.digest);
    const isUse = row.lineage !== null && row.agreement !== null;
    used.push(isUse ? intern(toHex<AgreementId>(row.agreement)) : null);
    times.push(row.appendedAt);
    tree.append([row.digest]);
  };
  const readTail = async (from: JournalStore): Promise<void> => {
    for (;;) {
      const rows = await from.readFrom(digests.length, mostAtOnce);
      rows.forEach(keep);
      if (rows.length < mostAtOnce) return;
    }
  };
  await readTail(store);

  let opening: Promise<JournalStore> | undefined;
  const reopen = async (): Promise<JournalStore> => {
    const opened = await open();
    try {
      await readTail(opened);
    } catch (error) {
      await opened.close().catch(() => undefined);
      throw error;
    }
    store = opened;
    return opened;
  };
  /** Gives the store; after a loss connects again, once for all who ask, and first learns what the last commit did. */
  const ready = async (): Promise<JournalStore> => {
    if (store !== undefined) return store;
    opening ??= reopen().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  const lose = (lost: JournalStore | undefined): void => {
    if (lost === undefined || store !== lost) return;
    store = undefined;
    void lost.close().catch(() => undefined);
  };

  const writeBatch = async (waiting: readonly Waiting[]): Promise<void> => {
    let target: JournalStore | undefined;
    try {
      target = await ready();
      const start = digests.length;
      const rows = waiting.map(({ row }) => row);
      const batchDigests = rows.map((row) => row.digest);
      const promise = sign(start, batchDigests);
      await target.write(start, rows, promise);
      const appendedAt = Date.now() / 1_000;
      for (const row of rows) keep({ ...row, appendedAt });
      const batch: Batch = { start, digests: batchDigests, promise };
      waiting.forEach(({ resolve }, i) => {
        resolve({ index: start + i, batch });
      });
    } catch (error) {
      lose(target);
      for (const { reject } of waiting) reject(new JournalUnavailable(error));
    }
  };
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const waiting = queue.slice(0, mostInBatch);
      queue = queue.slice(mostInBatch);
      await writeBatch(waiting);
    }
    writing = undefined;
  };

  return Object.freeze<Journal>({
    append: (row) =>
      new Promise<Appended>((resolve, reject) => {
        if (closed) {
          reject(new JournalUnavailable(new Error("the gateway is stopping")));
          return;
        }
        queue.push({ row, resolve, reject });
        writing ??= Promise.resolve().then(drain);
      }),
    probe: async () => {
      if (writing !== undefined) return;
      let target: JournalStore | undefined;
      try {
        target = await ready();
        await target.readFrom(digests.length, 1);
      } catch (error) {
        lose(target);
        throw new JournalUnavailable(error);
      }
    },
    tree,
    digests: (start, end) => digests.slice(start, end),
    uses: (start, end) => {
      const counts = new Map<AgreementId, number>();
      for (const agreement of used.slice(start, end)) {
        if (agreement !== null) counts.set(agreement, (counts.get(agreement) ?? 0) + 1);
      }
      return counts;
    },
    appendedAt: (index) => times[index],
    close: async () => {
      closed = true;
      await writing;
      await store?.close();
    },
  });
}

/** Gives one string for all equal ones, so that a million entries of one agreement do not keep a million copies of its id. */
function createInterner<T extends string>(): (value: T) => T {
  const known = new Map<T, T>();
  return (value) => {
    const found = known.get(value);
    if (found !== undefined) return found;
    known.set(value, value);
    return value;
  };
}
