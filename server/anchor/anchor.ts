import { setTimeout as sleep } from "node:timers/promises";
import type { Head, ReadHead } from "../chain/head.ts";
import type { LogState } from "../chain/reader.ts";
import { toHex } from "../domain/hash.ts";
import type { AgreementId, Hash } from "../domain/ids.ts";
import type { Journal } from "../journal/journal.ts";

/** Where the log stands on chain: `size` entries are covered by the head of a block deep enough to count. */
export type Anchored = { readonly size: number; readonly root: Hash; readonly block: number };

/** Brings the journal's entries onto the chain, in order, each once. */
export type Anchor = {
  /** Resolves once it was tried for the first time to compare the log on chain with the journal. */
  readonly looked: Promise<void>;
  readonly anchored: () => Anchored | undefined;
  /** Seconds for which the oldest entry that is not anchored has waited; 0 if none waits. */
  readonly oldestWait: () => number;
  /** Resolves true once the entry at `index` is anchored, false if it is not within the time. */
  readonly whenAnchored: (index: number, timeoutMs: number) => Promise<boolean>;
  /** Why the chain takes nothing from this journal under this key; undefined while it does. Nothing may be appended then. */
  readonly divergence: () => string | undefined;
  readonly stop: () => Promise<void>;
};

/** Entries that go onto the chain together, and how often they used each agreement. */
export type AnchorBatch = {
  readonly start: number;
  readonly digests: readonly Buffer[];
  readonly uses: ReadonlyMap<AgreementId, number>;
};

export type AnchorOptions = {
  readonly journal: Pick<Journal, "tree" | "digests" | "uses" | "appendedAt">;
  readonly readHead: ReadHead;
  readonly readLog: (block: Hash) => Promise<LogState>;
  /** Whether the gateway's key acts for it. One that was rotated appends nothing more, and what it signs binds nobody. */
  readonly isKeyValid: (head: Head) => Promise<boolean>;
  /** Why the journal may not be anchored any more; undefined while nothing speaks against it. */
  readonly damage: () => string | undefined;
  /** Sends one batch and resolves once it is mined; stops waiting for that when told to. */
  readonly append: (batch: AnchorBatch, signal: AbortSignal) => Promise<void>;
  /** How long entries may wait for others to share a transaction. */
  readonly intervalMs: number;
  /** Blocks that must follow before a head counts. */
  readonly depth: number;
  readonly headAt: (number: number) => Promise<Hash>;
  readonly warn: (message: string, error?: unknown) => void;
};

/** Most entries in one transaction, and most agreements: within the 128 KiB limit of transaction pools and the gas of one transaction. */
const mostEntries = 4_000;
const mostAgreements = 32;
const pauseAfterErrorMs = 500;

/** Starts anchoring. The log's size on chain alone says what is missing, so that a chain that went back is served again. */
export function startAnchor(options: AnchorOptions): Anchor {
  const { journal } = options;
  const stopping = new AbortController();
  let anchored: Anchored | undefined;
  let divergence: string | undefined = "the chain has not shown the log yet";
  const waiting = new Set<() => void>();
  let look = (): void => undefined;
  const looked = new Promise<void>((resolve) => {
    look = resolve;
  });

  const compare = (log: LogState): string | undefined => {
    if (log.size > journal.tree.size()) {
      return `the chain has ${log.size} entries, the journal ${journal.tree.size()}: it stems from an old copy; restore the newest`;
    } else if (log.size > 0 && toHex(journal.tree.root(log.size)) !== log.root) {
      return `the chain's root over ${log.size} entries is not the journal's`;
    }
    return undefined;
  };

  /** What is refused as a whole may go in parts. */
  let share = 1;
  const endOfBatch = (start: number): number => {
    let end = Math.min(start + Math.max(1, Math.floor(mostEntries * share)), journal.tree.size());
    while (end > start + 1 && journal.uses(start, end).size > mostAgreements)
      end = start + Math.ceil((end - start) / 2);
    return end;
  };

  /** Anchors what waits. Returns true if more waits than went. */
  const step = async (): Promise<boolean> => {
    const head = await options.readHead();
    const log = await options.readLog(head.hash);
    const deep = Math.max(head.number - options.depth, 0);
    const final = options.depth === 0 ? log : await options.readLog(await options.headAt(deep));
    if (final.size > log.size) throw new Error(`the node shows more entries in block ${deep} than in its newest`);
    const isOwn = await options.isKeyValid(head);
    // both: whatever counts as anchored is signed and told as ours
    const told = isOwn ? (compare(log) ?? compare(final)) : "the key does not act for this gateway any more";
    divergence = options.damage() ?? told;
    look();
    if (divergence !== undefined) {
      options.warn(divergence);
      return false;
    }
    anchored = { size: final.size, root: final.root, block: deep };
    for (const wake of waiting) wake();
    const end = endOfBatch(log.size);
    if (end === log.size) return false;
    try {
      const batch = { start: log.size, digests: journal.digests(log.size, end), uses: journal.uses(log.size, end) };
      await options.append(batch, stopping.signal);
      share = 1;
    } catch (error) {
      share = Math.max(share / 2, 1 / mostEntries);
      throw error;
    }
    return true;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let more = false;
      try {
        more = await step();
      } catch (error) {
        look();
        if (!stopping.signal.aborted) options.warn("anchoring failed and is tried again", error);
        await pause(pauseAfterErrorMs, stopping.signal);
      }
      if (!more) await pause(options.intervalMs, stopping.signal);
    }
  };
  const running = run();

  return Object.freeze<Anchor>({
    looked,
    anchored: () => anchored,
    oldestWait: () => {
      const since = journal.appendedAt(anchored?.size ?? 0);
      return since === undefined ? 0 : Math.max(0, Date.now() / 1_000 - since);
    },
    whenAnchored: async (index, timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      while ((anchored?.size ?? 0) <= index) {
        if (Date.now() > deadline || stopping.signal.aborted) return false;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, 200);
          waiting.add(wake);
        });
      }
      return true;
    },
    divergence: () => options.damage() ?? divergence,
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
