import type { RequestDigest } from "../domain/ids.ts";
import { requestWindow } from "../domain/usageRequest.ts";

/** For how long after it was taken a request may still count as fresh, in seconds. */
export const replayWindow = requestWindow * 2 + 60;

/** Remembers which requests were taken, for as long as they would still count as fresh. */
export type ReplayGuard = {
  readonly isFresh: (issuedAt: number) => boolean;
  /** Takes a request; false if it was taken before. It stays taken even if it comes to nothing, since its entry may yet turn up. */
  readonly take: (digest: RequestDigest) => boolean;
};

/** @param now Unix seconds. */
export function createReplayGuard(now: () => number): ReplayGuard {
  let current = { since: now(), digests: new Set<RequestDigest>() };
  let previous = new Set<RequestDigest>();
  const turn = (): void => {
    if (Math.abs(now() - current.since) <= replayWindow) return;
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
