import type { Hash, Hex } from "./ids.ts";

/** A block named beyond doubt. */
export type BlockId = { readonly number: number; readonly hash: Hash };

/** What a gateway remembers of its chain across restarts. */
export type ChainMemory = {
  /** Number of the highest block that was seen. */
  readonly seen: number;
  /** The newest block that counts as irreversible. */
  readonly settled: BlockId;
};

/** An operator's word to go on from block `next`, although `before` counted as irreversible and is gone. */
export type Acknowledgement = { readonly before: BlockId; readonly next: BlockId; readonly signature: Hex };
