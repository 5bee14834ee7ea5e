import { TooManyRequests } from "../usage/turns.ts";

/** Lets work run that lasts. Rejects with `TooManyRequests` if so much of the party runs already. */
export type FewAtOnce = (party: string, work: () => Promise<void>) => Promise<void>;

/**
 * @param most How much of one party runs at once.
 * @param retryAfter Whole seconds after which a refused one may ask again.
 */
export function createFewAtOnce(most: number, retryAfter: number): FewAtOnce {
  const running = new Map<string, number>();
  return async (party, work) => {
    const before = running.get(party) ?? 0;
    if (before >= most) throw new TooManyRequests(retryAfter);
    running.set(party, before + 1);
    try {
      await work();
    } finally {
      const left = (running.get(party) ?? 1) - 1;
      if (left === 0) running.delete(party);
      else running.set(party, left);
    }
  };
}
