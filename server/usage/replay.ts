import type { RequestDigest } from "../domain/ids.ts";

/** How long before or after its `issuedAt` a request is taken, in seconds. */
export const requestWindow = 300;

/** Remembers which requests were taken, for as long as they would still count as fresh. */
export type ReplayGuard = {
  readonly isFresh: (issuedAt: number) => boolean;
  /** Takes a request; false if it was taken before. It stays taken even if it comes to nothing, since its entry may yet turn up. */
  readonly take: (digest: RequestDigest) => boolean;
};

/** @param now Unix seconds. */
export function createReplayGuard(now: () => number): ReplayGuard {
  const window = requestWindow * 2 + 60;
  let current = { since: now(), digests: new Set<RequestDigest>() };
  let previous = new Set<RequestDigest>();
  const turn = (): void => {
    if (Math.abs(now() - current.since) <= window) return;
    previous = current.digests;
    current = { since: now(), digests: new Set() };
  };
  return Object.freeze<ReplayGuard>({
    isFresh: (issuedAt) => Math.abs(now() - issuedAt) <= requestWindow,
    take: (digest) => {
      turn();
      if (current.digests.has(digest) || previous.has(digest)) return false;
      current.digests.add(digest);
      return true;
    },
  });
}
