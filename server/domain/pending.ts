import type { Hash, Hex } from "./ids.ts";

/** The transaction that is on its way, in all the forms in which it was sent; they share one nonce, so at most one is mined. */
export type Pending = {
  readonly nonce: number;
  /** What it calls: two with the same content have the same effect. */
  readonly content: Hash;
  /** Price offered last, in wei per gas. */
  readonly fee: bigint;
  readonly tip: bigint;
  readonly raw: Hex;
  readonly hashes: readonly Hash[];
};
