import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { KeepFinding } from "./keepFinding.ts";
import { type IndexMemory, indexMore } from "./indexMore.ts";

/** Thrown when searches do not know the newest entries yet, and will soon. */
export class IndexBehind extends Error {
  override readonly name = "IndexBehind";
}

/** Keeps what searches and counts read up with the journal, beside it: an entry is answered before it is found. */
export type TrailIndex = {
  /** Resolves once all entries that stand in the journal now are found. Rejects with `IndexBehind` if that takes long. */
  readonly caughtUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const intervalMs = 200;
const patienceMs = 4_000;
const mostFacetIds = 50_000;

/**
 * @param size How many entries the journal has.
 * @param isReady Whether the read model knows the chain: until then everybody would seem a stranger.
 */
export function keepIndex(
  pool: pg.Pool,
  size: () => number,
  isReady: () => boolean,
  keepFinding: KeepFinding,
  warn: (message: string, error: unknown) => void,
): TrailIndex {
  const stopping = new AbortController();
  const memory: IndexMemory = { facetIds: new Map(), learnt: undefined };
  let indexed = 0;
  let wake = (): void => undefined;
  const waiting = new Set<() => void>();

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (memory.facetIds.size > mostFacetIds) memory.facetIds.clear();
        if (isReady()) indexed = await indexMore(pool, memory, keepFinding);
        for (const look of waiting) look();
        if (isReady() && indexed < size()) continue;
      } catch (error) {
        if (!stopping.signal.aborted) warn("entries could not be put where searches find them", error);
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const pause = sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      await Promise.race([woken, pause]);
    }
  };
  const running = run();

  return Object.freeze<TrailIndex>({
    caughtUp: async () => {
      const target = size();
      if (indexed >= target) return;
      await new Promise<void>((resolve, reject) => {
        const settle = (done: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          done();
        };
        const look = (): void => {
          if (indexed >= target) settle(resolve);
        };
        const timer = setTimeout(
          () => settle(() => reject(new IndexBehind("the newest entries are being indexed"))),
          patienceMs,
        );
        waiting.add(look);
        wake();
      });
    },
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  });
}
