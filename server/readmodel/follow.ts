import { setTimeout as sleep } from "node:timers/promises";
import { type BlockEvents, RangeRefused, RangeUnsound, readBlockHash, readBlocks } from "../chain/blocks.ts";
import type { Head, ReadHead } from "../chain/head.ts";
import type { Send } from "../chain/provider.ts";
import type { LogState } from "../chain/reader.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import type { Manifest } from "../domain/manifest.ts";
import type { ReadModelStore } from "./store.ts";

/** Follows the chain into the read model. It feeds lists and pages and decides nothing. */
export type Follower = {
  /** Up to which block the read model holds the events; undefined until it holds any. */
  readonly position: () => Head | undefined;
  /** Whether the read model has reached the head that the node showed last, at least once since the start. */
  readonly caughtUp: () => boolean;
  /** Blocks between the position and the newest head seen. */
  readonly lag: () => number;
  readonly stop: () => Promise<void>;
};

export type FollowOptions = {
  readonly send: Send;
  readonly manifest: Manifest;
  readonly readHead: ReadHead;
  readonly readLog: (gateway: ParticipantId, block: Hash) => Promise<LogState>;
  readonly store: ReadModelStore;
  readonly warn: (message: string, error?: unknown) => void;
  readonly intervalMs?: number;
};

const most = 2_000;
/** After so many ranges in a row that leave a gap, what is stored may itself have one: all of it is read again. */
const mostGaps = 5;
const pauseAfterErrorMs = 500;

/** Starts following. It survives restarts, reorganisations and nodes that lag or leave logs out. */
export function startFollower(options: FollowOptions): Follower {
  const { intervalMs = 250, warn } = options;
  const stopping = new AbortController();
  const step = createFollowStep(options);
  let state: Followed = { position: undefined, head: undefined, behind: true };
  let caughtUp = false;
  let gaps = 0;

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        state = await step();
        caughtUp = state.position !== undefined && (caughtUp || !state.behind);
        gaps = 0;
        if (!state.behind) await pause(intervalMs, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        warn("the chain could not be followed", error);
        gaps = error instanceof RangeUnsound ? gaps + 1 : gaps;
        if (gaps >= mostGaps) {
          gaps = 0;
          caughtUp = false;
          warn("the read model is made anew");
          await options.store.wipe().catch((cause: unknown) => warn("the read model could not be wiped", cause));
        }
        await pause(pauseAfterErrorMs, stopping.signal);
      }
    }
  };
  const running = run();

  return Object.freeze<Follower>({
    position: () => state.position,
    caughtUp: () => caughtUp,
    lag: () => Math.max(0, (state.head?.number ?? 0) - (state.position?.number ?? 0)),
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
}

/** Where a step came to. */
export type Followed = {
  readonly position: Head | undefined;
  readonly head: Head | undefined;
  /** Whether more blocks are there to be read. */
  readonly behind: boolean;
};

/** Makes the function that reads the next range of blocks, or goes back to where the chain parted from what is stored. */
export function createFollowStep({
  send,
  manifest,
  readHead,
  readLog,
  store,
  warn,
}: FollowOptions): () => Promise<Followed> {
  let size = 16;

  const read = async (position: Head | undefined, head: Head): Promise<BlockEvents[]> => {
    const from = position === undefined ? manifest.block : position.number + 1;
    const to = Math.min(head.number, from + size - 1);
    try {
      const blocks = await readBlocks(send, manifest, from, to, position?.hash);
      size = Math.min(size * 2, most);
      requireEnds(blocks, position, head);
      return blocks;
    } catch (error) {
      if (error instanceof RangeRefused && size > 1) size = Math.max(1, Math.floor(size / 4));
      throw error;
    }
  };

  const requireEnds = (blocks: readonly BlockEvents[], position: Head | undefined, head: Head): void => {
    if (position === undefined && blocks[0]?.hash !== manifest.blockHash)
      throw new RangeUnsound(`block ${manifest.block} is not the one in which the contracts came to stand`);
    const last = blocks.at(-1);
    if (last?.number === head.number && last.hash !== head.hash)
      throw new RangeUnsound(`block ${head.number} is not the head that was shown: the chain changed meanwhile`);
  };

  /** At the head the contract itself tells how long each log is. */
  const requireLogs = async (blocks: readonly BlockEvents[], head: Head): Promise<void> => {
    if (blocks.at(-1)?.hash !== head.hash) return;
    const sizes = new Map<string, number>();
    for (const { name, args } of blocks.flatMap(({ events }) => events))
      if (name === "EntriesAppended") sizes.set(String(args.gateway), Number(args.size));
    for (const [gateway, size] of sizes) {
      const log = await readLog(gateway as ParticipantId, head.hash);
      if (log.size !== size)
        throw new RangeUnsound(`the log of ${gateway} has ${log.size} entries and the events tell of ${size}`);
    }
  };

  const goBack = async (position: Head): Promise<Followed> => {
    const ancestor = await findAncestor(position);
    if (ancestor === undefined) await store.wipe();
    else await store.rollBack(ancestor);
    warn(
      `the chain was reorganised: the read model goes back from block ${position.number} to ${ancestor?.number ?? "none"}`,
    );
    return { position: ancestor, head: undefined, behind: true };
  };

  /** A node that lags says nothing about the blocks above its head: then the newest block that both have decides. */
  const hasParted = async (position: Head, head: Head): Promise<boolean> => {
    const [common] = head.number >= position.number ? [position] : await store.blocksBelow(head.number + 1, 1);
    return common !== undefined && (await readBlockHash(send, common.number)) !== common.hash;
  };

  const findAncestor = async (position: Head): Promise<Head | undefined> => {
    let below = position.number;
    for (;;) {
      const known = await store.blocksBelow(below, 50);
      for (const block of known) if ((await readBlockHash(send, block.number)) === block.hash) return block;
      const last = known.at(-1);
      if (last === undefined) return undefined;
      below = last.number;
    }
  };

  return async () => {
    const [head, position] = [await readHead(), await store.position()];
    if (position !== undefined) {
      if (head.hash === position.hash) return { position, head, behind: false };
      if (await hasParted(position, head)) return goBack(position);
      if (head.number <= position.number) return { position, head, behind: false };
    }
    const blocks = await read(position, head);
    await requireLogs(blocks, head);
    await store.advance(position, blocks);
    const last = blocks.at(-1);
    return { position: last, head, behind: last !== undefined && last.number < head.number };
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
