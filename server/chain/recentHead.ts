import type { Head, ReadHead } from "./head.ts";

/** A head that is asked for again only once it may be too old. */
export type RecentHead = {
  readonly readHead: ReadHead;
  /** Forgets what is known: somebody said that there is a newer one. */
  readonly expire: () => void;
};

type Known = { readonly askedAt: number; readonly head: Head };

/**
 * Makes a reader that gives a head which was the newest at most `maxAgeMs` ago, counted from before it was asked for. 0 asks anew each time.
 * Past half that age the next one is fetched beside the answer, so that a busy gateway does not wait for its node.
 * @param clock Milliseconds that never go back.
 */
export function createRecentHeadReader(
  ask: ReadHead,
  maxAgeMs: number,
  clock: () => number = () => performance.now(),
): RecentHead {
  let known: Known | undefined;
  let underWay = false;
  let expiredAt = Number.NEGATIVE_INFINITY;

  const fetchHead = async (): Promise<Head> => {
    const askedAt = clock();
    const head = await ask();
    if (askedAt >= expiredAt && askedAt >= (known?.askedAt ?? Number.NEGATIVE_INFINITY)) known = { askedAt, head };
    return head;
  };
  const fetchBeside = (): void => {
    if (underWay) return;
    underWay = true;
    const settle = (): void => {
      underWay = false;
    };
    fetchHead().then(settle, settle);
  };

  return Object.freeze<RecentHead>({
    readHead: async () => {
      const age = known === undefined ? Number.POSITIVE_INFINITY : clock() - known.askedAt;
      if (known === undefined || age >= maxAgeMs) return fetchHead();
      if (age > maxAgeMs / 2) fetchBeside();
      return known.head;
    },
    expire: () => {
      known = undefined;
      expiredAt = clock();
    },
  });
}
