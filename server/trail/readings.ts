import type { Place } from "./findPlaces.ts";

/**
 * What one recorded reading covers: all that its filter finds between two places, for some minutes of the same session. Paging on within it
 * shows nothing more than it records, so that no page writes an entry of its own.
 */
export type Reading = {
  /** The index of the entry that records it. */
  readonly index: number;
  readonly newest: Place | undefined;
  readonly oldest: Place | undefined;
};

export type Readings = {
  /** The reading that covers these places, in their order; undefined if none does. */
  readonly covering: (session: string, filter: string, places: readonly Place[]) => Reading | undefined;
  readonly keep: (session: string, filter: string, reading: Reading) => void;
};

const secondsGood = 600;
const most = 10_000;

/** @param now Unix seconds. */
export function createReadings(now: () => number): Readings {
  const kept = new Map<string, { readonly reading: Reading; readonly until: number }>();
  const keyOf = (session: string, filter: string): string => `${session} ${filter}`;
  return Object.freeze<Readings>({
    covering: (session, filter, places) => {
      const found = kept.get(keyOf(session, filter));
      if (found === undefined || now() >= found.until) return undefined;
      const { newest, oldest } = found.reading;
      const isCovered = places.every(
        (place) => newest !== undefined && oldest !== undefined && !isAfter(place, newest) && !isAfter(oldest, place),
      );
      return isCovered ? found.reading : undefined;
    },
    keep: (session, filter, reading) => {
      const key = keyOf(session, filter);
      kept.delete(key);
      kept.set(key, { reading, until: now() + secondsGood });
      const [eldest] = kept.keys();
      if (kept.size > most && eldest !== undefined) kept.delete(eldest);
    },
  });
}

/** Whether a place is newer than another. Times are all written alike, so that their texts compare as they do. */
function isAfter(a: Place, b: Place): boolean {
  return a.at === b.at ? a.index > b.index : a.at > b.at;
}
