import { describe, expect, it } from "vitest";
import type { Head } from "../../server/chain/head.ts";
import { ChainReorganized, createViewReader, HeadBehind, type ViewOptions } from "../../server/chain/view.ts";
import type { BlockId, ChainMemory } from "../../server/domain/chainMemory.ts";
import type { Hash } from "../../server/domain/ids.ts";
import { bytes32 } from "../support/evidence.ts";

/** A chain that can fork: each block knows from which branch it is. */
function createChain() {
  const blocks: Head[] = [];
  let branch = 0;
  const at = (number: number): Head => {
    const block = blocks[number];
    if (block === undefined) throw new Error(`no block ${number}`);
    return block;
  };
  const grow = (count = 1): void => {
    for (let i = 0; i < count; i += 1) {
      const number = blocks.length;
      blocks.push({ number, hash: bytes32<Hash>(`block ${number} of branch ${branch}`), time: 1_000 });
    }
  };
  return {
    at,
    grow,
    head: () => at(blocks.length - 1),
    /** Takes `depth` blocks away and goes on in another branch. */
    fork: (depth: number, growth: number) => {
      branch += 1;
      blocks.splice(blocks.length - depth);
      grow(growth);
    },
    shorten: (depth: number) => void blocks.splice(blocks.length - depth),
    isOn: ({ number, hash }: BlockId) => blocks[number]?.hash === hash,
  };
}

function world(changed: Partial<ViewOptions> = {}) {
  const chain = createChain();
  chain.grow(20);
  const state = { clock: 1_005, kept: undefined as ChainMemory | undefined, word: undefined as BlockId | undefined };
  const first = chain.at(5);
  const options: ViewOptions = {
    readHead: async () => chain.head(),
    headAt: async (number) => chain.at(number),
    finalityDepth: 0,
    reorgDepth: 3,
    mostBlockAge: 0,
    memory: { seen: 5, settled: { number: 5, hash: first.hash } },
    keep: (memory) => {
      state.kept = memory;
    },
    acknowledged: async () => state.word,
    now: () => state.clock,
    ...changed,
  };
  return { chain, state, options, readView: createViewReader(options) };
}

describe("the view of the chain", () => {
  it("is the newest block, and the newest final one", async () => {
    const { chain, readView } = world({ finalityDepth: 2 });
    expect(await readView()).toEqual({ head: chain.at(19), final: chain.at(17) });
    chain.grow();
    expect(await readView()).toEqual({ head: chain.at(20), final: chain.at(18) });
  });

  it("with finality depth 0 is one block", async () => {
    const { readView } = world();
    const { head, final } = await readView();
    expect(final).toBe(head);
  });

  it("keeps the highest number and the newest irreversible block for the next start", async () => {
    const { chain, state, readView } = world();
    await readView();
    expect(state.kept).toEqual({ seen: 19, settled: { number: 16, hash: chain.at(16).hash } });
  });

  it("refuses a node that lags, and goes on by itself when it has caught up", async () => {
    const { chain, readView } = world();
    await readView();
    chain.shorten(1);
    await expect(readView()).rejects.toThrow(HeadBehind);
    await expect(readView()).rejects.toThrow("block 18 as its newest and has shown block 19 before");
    chain.grow();
    expect((await readView()).head.number).toBe(19);
  });

  it("refuses, after a restart, a node that is behind what was seen before it", async () => {
    const { options, chain } = world();
    const restarted = createViewReader({ ...options, memory: { ...options.memory, seen: 20 } });
    await expect(restarted()).rejects.toThrow(HeadBehind);
    chain.grow();
    expect((await restarted()).head.number).toBe(20);
  });

  it("lives through a reorganization within the depth", async () => {
    const { chain, readView } = world();
    await readView();
    chain.fork(3, 3);
    expect((await readView()).head).toEqual(chain.at(19));
  });

  it("halts after a deeper one, however long the chain grows (CHECKS 61)", async () => {
    const { chain, readView } = world();
    await readView();
    chain.fork(4, 4);
    await expect(readView()).rejects.toThrow(ChainReorganized);
    chain.grow(50);
    await expect(readView()).rejects.toThrow(ChainReorganized);
    await expect(readView()).rejects.toThrow(/block 16 is 0x[0-9a-f]{64} now and was 0x/);
  });

  it("halts after a restart on another chain, and on one that was replaced meanwhile (CHECKS 61)", async () => {
    const { options, chain, state, readView } = world();
    await readView();
    chain.fork(10, 40);
    const restarted = createViewReader({ ...options, memory: state.kept ?? options.memory });
    await expect(restarted()).rejects.toThrow(ChainReorganized);
  });

  it("goes on by itself if the node shows the old chain again", async () => {
    const { options, chain } = world();
    const other = createChain();
    other.grow(5);
    other.fork(4, 40);
    let node = chain;
    const readView = createViewReader({
      ...options,
      readHead: async () => node.head(),
      headAt: async (number) => node.at(number),
    });
    await readView();
    node = other;
    await expect(readView()).rejects.toThrow(ChainReorganized);
    node = chain;
    chain.grow();
    expect((await readView()).head.number).toBe(20);
  });

  it("goes on where an operator tells it to, if the chain has that block", async () => {
    const { chain, state, readView } = world();
    await readView();
    chain.fork(8, 4);
    await expect(readView()).rejects.toThrow(HeadBehind);
    state.word = bytes32Block("nowhere");
    await expect(readView()).rejects.toThrow();
    const { number, hash } = chain.head();
    state.word = { number, hash };
    expect((await readView()).head.number).toBe(15);
    state.word = undefined;
    chain.grow();
    expect((await readView()).head.number).toBe(16);
  });

  it("refuses a head that is too old, until there is a new one (CHECKS 62)", async () => {
    const { chain, state, readView } = world({ mostBlockAge: 60 });
    await readView();
    state.clock = 1_060;
    await readView();
    state.clock = 1_061;
    await expect(readView()).rejects.toThrow("is 61 s old");
    state.clock = 1_059;
    chain.grow();
    expect((await readView()).head.number).toBe(20);
  });

  it("refuses while this machine's clock is behind the chain's by more than 15 s (CHECKS 63)", async () => {
    const { state, readView } = world();
    state.clock = 985;
    await readView();
    state.clock = 984;
    await expect(readView()).rejects.toThrow("lies in the future");
  });

  it("shares the work of those who ask at once", async () => {
    let questions = 0;
    const { options, readView: _ } = world();
    const readView = createViewReader({
      ...options,
      headAt: async (number) => {
        questions += 1;
        return options.headAt(number);
      },
    });
    await Promise.all(Array.from({ length: 100 }, () => readView()));
    expect(questions).toBe(2);
  });

  it("over 1,000 random chains never goes back, and never past an irreversible block that vanished (CHECKS 60)", async () => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      let random = seed;
      const roll = (sides: number): number => {
        random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
        return (random >>> 16) % sides;
      };
      const { chain, state, readView } = world();
      let highest = 0;
      let settled: BlockId | undefined;
      for (let step = 0; step < 12; step += 1) {
        if (roll(3) === 0) chain.fork(1 + roll(6), roll(9));
        else chain.grow(1 + roll(2));
        try {
          const { head } = await readView();
          expect(head.number).toBeGreaterThanOrEqual(highest);
          if (settled !== undefined) expect(chain.isOn(settled)).toBe(true);
          highest = head.number;
          settled = state.kept?.settled;
        } catch (error) {
          if (error instanceof HeadBehind) expect(chain.head().number).toBeLessThan(highest);
          else if (error instanceof ChainReorganized) expect(chain.isOn(error.settled)).toBe(false);
          else throw error;
        }
      }
    }
  });
});

const bytes32Block = (text: string): BlockId => ({ number: 15, hash: bytes32<Hash>(text) });
