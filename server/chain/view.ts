import type { BlockId, ChainMemory } from "../domain/chainMemory.ts";
import type { Hash } from "../domain/ids.ts";
import type { Head, ReadHead } from "./head.ts";

/** What a decision stands on: the newest head, under which every stop counts, and the newest final block, under which every grant must stand. */
export type View = { readonly head: Head; readonly final: Head };

/** Gives the view as it is now. Rejects with the errors below, or as the node does, if nothing may be decided. */
export type ReadView = () => Promise<View>;

/** Thrown when a node shows an older block as its newest than was seen before, or one that is too old. It passes by itself. */
export class HeadBehind extends Error {
  override readonly name = "HeadBehind";
}

/** Thrown when the chain replaced a block that counted as irreversible. Somebody must look and acknowledge it. */
export class ChainReorganized extends Error {
  override readonly name = "ChainReorganized";
  readonly settled: BlockId;
  constructor(settled: BlockId, found: Hash) {
    super(
      `block ${settled.number} is ${found} now and was ${settled.hash}: the chain was reorganized deeper than DATAPACT_REORG_DEPTH. ` +
        "Find out why, then run `npm run gateway:acknowledge`.",
    );
    this.settled = settled;
  }
}

export type ViewOptions = {
  readonly readHead: ReadHead;
  /** The block with this number on the chain as it is now. */
  readonly headAt: (number: number) => Promise<Head>;
  /** Blocks that must follow before a block counts as final. */
  readonly finalityDepth: number;
  /** Deepest reorganization that heals by itself, in blocks. */
  readonly reorgDepth: number;
  /** Age in seconds past which a newest block is too old; 0 on a chain that mines on demand. */
  readonly mostBlockAge: number;
  /** Where to begin: what was kept before, or the block of the deployment. */
  readonly memory: ChainMemory;
  /** Keeps the memory for the next start. */
  readonly keep: (memory: ChainMemory) => void;
  /** The block from which an operator told to go on instead of this one; undefined if nobody did. */
  readonly acknowledged: (settled: BlockId) => Promise<BlockId | undefined>;
  /** Unix seconds. */
  readonly now: () => number;
};

/** How far a block's time may lie before this machine's, in seconds, until one of the two clocks counts as wrong. */
const mostClockDrift = 15;

/** Makes the reader of the view. It never goes back: under an older block, what has been stopped since would still be permitted. */
export function createViewReader(options: ViewOptions): ReadView {
  const { readHead, headAt, finalityDepth, reorgDepth, now } = options;
  let { seen, settled } = options.memory;
  let view: View | undefined;
  let moving: { readonly hash: Hash; readonly view: Promise<View> } | undefined;

  const checkTime = ({ number, time }: Head): void => {
    if (time > now() + mostClockDrift)
      throw new HeadBehind(`block ${number} lies in the future: set the clock of this machine, or of the chain`);
    if (options.mostBlockAge > 0 && now() - time > options.mostBlockAge)
      throw new HeadBehind(`the newest block, ${number}, is ${now() - time} s old: the chain or its node stands still`);
  };

  /** Goes on from the block that an operator named, if the chain has it; otherwise the problem stands. */
  const goOn = async (problem: ChainReorganized | HeadBehind): Promise<void> => {
    const next = await options.acknowledged(settled);
    if (next === undefined || (await headAt(next.number)).hash !== next.hash) throw problem;
    settled = next;
    seen = next.number;
  };

  const checkHistory = async (head: Head): Promise<void> => {
    if (head.number < seen) {
      const told = `the node shows block ${head.number} as its newest and has shown block ${seen} before`;
      return goOn(new HeadBehind(`${told}: it lags, or has lost blocks`));
    }
    const found = head.number === settled.number ? head : await headAt(settled.number);
    if (found.hash !== settled.hash) return goOn(new ChainReorganized(settled, found.hash));
  };

  const moveTo = async (head: Head): Promise<View> => {
    checkTime(head);
    await checkHistory(head);
    const final = finalityDepth === 0 ? head : await headAt(Math.max(head.number - finalityDepth, 0));
    const deep = head.number - reorgDepth;
    if (deep > settled.number) {
      const { number, hash } = deep === head.number ? head : await headAt(deep);
      settled = { number, hash };
    }
    seen = head.number;
    options.keep({ seen, settled });
    view = { head, final };
    return view;
  };

  return async () => {
    const head = await readHead();
    if (view?.head.hash === head.hash) {
      checkTime(head);
      return view;
    }
    if (moving?.hash !== head.hash) {
      const before = moving?.view.catch(() => undefined);
      const next = { hash: head.hash, view: Promise.resolve(before).then(() => moveTo(head)) };
      moving = next;
      const settle = (): void => {
        if (moving === next) moving = undefined;
      };
      next.view.then(settle, settle);
    }
    return moving.view;
  };
}
