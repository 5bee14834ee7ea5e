import type { RequestDigest } from "../domain/ids.ts";

/** Keeps what may leave only later, for whoever asks again with the same signed request. */
export type Held<T> = {
  /** Keeps it; false if there is no room. */
  readonly put: (request: RequestDigest, value: T, bytes: number) => boolean;
  readonly get: (request: RequestDigest) => T | undefined;
  /** No longer keeps it; whoever asked for it has it now. */
  readonly drop: (request: RequestDigest) => void;
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
  const kept = new Map<RequestDigest, Kept<T>>();
  let total = 0;
  const drop = (request: RequestDigest): void => {
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
    get: (request) => {
      sweep();
      return kept.get(request)?.value;
    },
    drop,
  });
}
