import type { EntryDigest, Hash, Hex, ParticipantId } from "./ids.ts";

/** What a gateway's signature covers: the RFC 9162 root over the entries `[start, start + count)` alone. Times are unix seconds. */
export type ReceiptBatch = {
  readonly gateway: ParticipantId;
  readonly start: number;
  readonly count: number;
  readonly root: Hash;
  readonly issuedAt: number;
  readonly deadline: number;
};

/** The longest time, in seconds, within which a gateway may promise an anchor. A receipt that gives itself longer is none. */
export const longestPromise = 7 * 86_400;

/** What a gateway signed over a batch when it became durable. Times are unix seconds. */
export type BatchPromise = { readonly issuedAt: number; readonly deadline: number; readonly signature: Hex };

/** The gateway's promise that `entry` has this index and is anchored before `deadline` (`IAccessLog.Receipt`). */
export type Receipt = {
  readonly gateway: ParticipantId;
  readonly index: number;
  readonly entry: EntryDigest;
  readonly start: number;
  readonly count: number;
  readonly issuedAt: number;
  readonly deadline: number;
  readonly path: readonly Hash[];
  readonly signature: Hex;
};
