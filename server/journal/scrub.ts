import { setTimeout as sleep } from "node:timers/promises";
import type { FindDamaged } from "../store/entryAudit.ts";
import type { Journal } from "./journal.ts";

/** Thrown when an entry in the store is not the one that was appended. */
export class EntryDamaged extends Error {
  override readonly name = "EntryDamaged";
  readonly index: number;
  constructor(index: number) {
    super(
      `entry ${index} in the store is not the one that was appended: restore it from a backup, and find out what happened`,
    );
    this.index = index;
  }
}

/** Reads what is stored again and again, so that damage is found before it is needed. */
export type Scrub = {
  /** Why nothing may be served any more; undefined while no damage was found. It stands until the next start. */
  readonly damage: () => string | undefined;
  /** Rejects with `EntryDamaged` unless the entries `[start, end)` are stored as they were appended. */
  readonly check: (start: number, end: number) => Promise<void>;
  /** The same for all, before anything is served. */
  readonly checkAll: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type ScrubOptions = {
  readonly findDamaged: FindDamaged;
  readonly journal: Pick<Journal, "digests" | "tree">;
  readonly report: (error: EntryDamaged) => void;
  /** How long to pause between two parts of a round, in milliseconds. */
  readonly pauseMs: number;
  /** How many entries a part has. */
  readonly atOnce?: number;
};

const mostAtOnce = 20_000;

/** Starts the rounds through the store. A store that does not answer is no damage: it shows elsewhere. */
export function startScrub({ findDamaged, journal, report, pauseMs, atOnce = 1_000 }: ScrubOptions): Scrub {
  const stopping = new AbortController();
  let damage: string | undefined;
  const check = async (start: number, end: number): Promise<void> => {
    const index = await findDamaged(start, journal.digests(start, end));
    if (index === undefined) return;
    const error = new EntryDamaged(index);
    if (damage === undefined) report(error);
    damage = error.message;
    throw error;
  };
  const run = async (): Promise<void> => {
    for (let start = 0; !stopping.signal.aborted; ) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const end = Math.min(start + atOnce, journal.tree.size());
      if (!stopping.signal.aborted && end > start) await check(start, end).catch(() => undefined);
      start = end >= journal.tree.size() ? 0 : end;
    }
  };
  const running = run();
  return Object.freeze<Scrub>({
    damage: () => damage,
    check,
    checkAll: async () => {
      const size = journal.tree.size();
      for (let start = 0; start < size; start += mostAtOnce) await check(start, Math.min(start + mostAtOnce, size));
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
}
