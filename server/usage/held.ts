import type { Address, RequestDigest } from "../domain/ids.ts";

/** A request and who signed it: the digest alone is anybody's to sign. */
export type HeldKey = `${RequestDigest}${Address}`;

/** Keeps what may leave only later, for whoever asks again with the same signed request. */
export type Held<T> = {
  /** Keeps it; false if there is no room. */
  readonly put: (request: HeldKey, value: T, bytes: number) => boolean;
  /** Gives it to one who asks, and keeps it no longer. */
  readonly take: (request: HeldKey) => T | undefined;
};

type Kept<T> = { readonly value: T; readonly bytes: number; readonly until: number };

/**
 * Makes the store.
 * @param dispose Lets go of a value that nobody came for.
 * @param mostBytes Room for all that is kept together.
 * @param seconds For how long each is kept.
 * @param now Unix seconds.
 */
export function createHeld<T>(
  dispose: (value: T) => void,
  mostBytes: number,
  seconds: number,
  now: () => number,
): Held<T> {
  const kept = new Map<HeldKey, Kept<T>>();
  let total = 0;
  const drop = (request: HeldKey): void => {
    total -= kept.get(request)?.bytes ?? 0;
    kept.delete(request);
  };
  const sweep = (): void => {
    for (const [request, { until, value }] of kept) {
      if (until > now()) return;
      drop(request);
      dispose(value);
    }
  };
  return Object.freeze<Held<T>>({
    put: (request, value, bytes) => {
      sweep();
      if (total + bytes > mostBytes) return false;
      drop(request);
      kept.set(request, { value, bytes, until: now() + seconds });
      total += bytes;
      return true;
    },
    take: (request) => {
      sweep();
      const found = kept.get(request)?.value;
      drop(request);
      return found;
    },
  });
}
