import type { Head, ReadHead } from "./head.ts";

/** A reader of the head, and the latest time that any head bore; 0 before the first. Unix seconds. */
export type ClockedReader = { readonly readHead: ReadHead; readonly time: () => number };

/** Watches the time of the heads that are read: contracts judge by it, and a chain that mines fast may be ahead of this machine. */
export function createChainClock(readHead: ReadHead): ClockedReader {
  let latest = 0;
  return {
    readHead: async (): Promise<Head> => {
      const head = await readHead();
      latest = Math.max(latest, head.time);
      return head;
    },
    time: () => latest,
  };
}
