import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Anchor, type AnchorOptions, startAnchor } from "../../server/anchor/anchor.ts";
import type { Head } from "../../server/chain/head.ts";
import type { LogState } from "../../server/chain/reader.ts";
import { sha256, toHex, zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId, Hash } from "../../server/domain/ids.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";
import { bytes32 } from "../support/evidence.ts";

const running: Anchor[] = [];
afterEach(async () => {
  for (const anchor of running.splice(0)) await anchor.stop();
});

const digestOf = (number: number): Buffer => sha256(Buffer.from(`entry ${number}`));

/** A chain with one log: each batch is a block, and it can go back, fail, refuse or be another's. */
function createChain() {
  const trees = [createMerkleTree()];
  const state = {
    batches: [] as number[][],
    uses: [] as ReadonlyMap<AgreementId, number>[],
    fails: 0,
    failAfter: 0,
    down: false,
    isRotated: false,
  };
  const number = (): number => trees.length - 1;
  const at = (block: number): LogState => {
    const tree = trees[block] ?? createMerkleTree();
    return { size: tree.size(), root: tree.size() === 0 ? zeroHash : toHex(tree.root(tree.size())), breachedAt: 0 };
  };
  const append = (start: number, digests: readonly Buffer[]): void => {
    const last = trees[number()];
    if (last === undefined || last.size() !== start) throw new Error(`BatchStartUnexpected(${last?.size()}, ${start})`);
    const next = createMerkleTree();
    next.append(Array.from({ length: start }, (_, i) => digestOf(i)));
    next.append(digests);
    trees.push(next);
  };
  const reach = (): void => {
    if (state.down) throw new Error("down");
  };
  const options: Omit<AnchorOptions, "journal" | "warn" | "intervalMs" | "depth"> = {
    readHead: async (): Promise<Head> => {
      reach();
      return { number: number(), hash: bytes32<Hash>(`block ${number()}`), time: 0 };
    },
    readLog: async (hash) => {
      reach();
      return at(trees.findIndex((_, block) => bytes32<Hash>(`block ${block}`) === hash));
    },
    headAt: async (block) => bytes32<Hash>(`block ${block}`),
    isKeyValid: async () => !state.isRotated,
    damage: () => undefined,
    append: async ({ start, digests, uses }) => {
      reach();
      if (state.fails-- > 0) throw new Error("refused");
      append(start, digests);
      state.batches.push([start, digests.length]);
      state.uses.push(uses);
      if (state.failAfter-- > 0) throw new Error("the answer was lost");
    },
  };
  return {
    state,
    options,
    at,
    number,
    mine: () => void trees.push(trees[number()] ?? createMerkleTree()),
    goBackTo: (block: number) => void trees.splice(block + 1),
    appendForeign: (digests: readonly Buffer[]) => append(at(number()).size, digests),
  };
}

function createJournal() {
  const tree = createMerkleTree();
  const digests: Buffer[] = [];
  const agreement = bytes32<AgreementId>("agreement");
  return {
    tree,
    appendedAt: (index: number): number | undefined => (index < digests.length ? Date.now() / 1_000 - 5 : undefined),
    digests: (start: number, end: number): readonly Buffer[] => digests.slice(start, end),
    uses: (start: number, end: number): ReadonlyMap<AgreementId, number> => new Map([[agreement, end - start]]),
    add: (count: number): void => {
      const added = Array.from({ length: count }, (_, i) => digestOf(digests.length + i));
      digests.push(...added);
      tree.append(added);
    },
  };
}

function start(chain: ReturnType<typeof createChain>, journal: ReturnType<typeof createJournal>, depth = 0) {
  const warnings: string[] = [];
  const anchor = startAnchor({
    ...chain.options,
    journal,
    intervalMs: 10,
    depth,
    warn: (message) => warnings.push(message),
  });
  running.push(anchor);
  return { anchor, warnings };
}

const reach = async (anchor: Anchor, size: number): Promise<void> => {
  await expect.poll(() => anchor.anchored()?.size, { interval: 5 }).toBe(size);
};

describe("anchoring", () => {
  it("brings all entries onto the chain in order, each once, at most 4,000 together", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(9_000);
    const { anchor } = start(chain, journal);
    await reach(anchor, 9_000);
    expect(chain.state.batches).toEqual([
      [0, 4_000],
      [4_000, 4_000],
      [8_000, 1_000],
    ]);
    expect(chain.state.uses.map((uses) => [...uses.values()])).toEqual([[4_000], [4_000], [1_000]]);
    expect(anchor.anchored()?.root).toBe(toHex(journal.tree.root(9_000)));
    expect(anchor.divergence()).toBeUndefined();
  });

  it("sends nothing if nothing waits", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    const { anchor } = start(chain, journal);
    await sleep(80);
    expect(chain.state.batches).toEqual([]);
    expect(anchor.oldestWait()).toBe(0);
    expect(anchor.anchored()).toEqual({ size: 0, root: zeroHash, block: 0 });
  });

  it("goes on where the chain is, after a restart", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(7);
    await reach(start(chain, journal).anchor, 7);
    await running.pop()?.stop();
    journal.add(4);
    await reach(start(chain, journal).anchor, 11);
    expect(chain.state.batches).toEqual([
      [0, 7],
      [7, 4],
    ]);
  });

  it("tries again what failed, with the same batch", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(3);
    chain.state.fails = 2;
    const { anchor, warnings } = start(chain, journal);
    await reach(anchor, 3);
    expect(chain.state.batches).toEqual([[0, 3]]);
    expect(warnings.filter((text) => text.includes("tried again"))).toHaveLength(2);
  });

  it("sends a batch once whose answer was lost", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(3);
    chain.state.failAfter = 1;
    await reach(start(chain, journal).anchor, 3);
    expect(chain.state.batches).toEqual([[0, 3]]);
  });

  it("gives a chain that went back what it lost, and takes back what it said", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(3);
    const { anchor } = start(chain, journal);
    await reach(anchor, 3);
    journal.add(4);
    await reach(anchor, 7);
    chain.state.down = true;
    await sleep(30);
    chain.goBackTo(1);
    chain.state.fails = 1;
    chain.state.down = false;
    await reach(anchor, 3);
    await reach(anchor, 7);
    expect(chain.at(chain.number()).root).toBe(toHex(journal.tree.root(7)));
    chain.goBackTo(0);
    await expect.poll(() => chain.at(chain.number()).size).toBe(7);
    expect(anchor.divergence()).toBeUndefined();
  });

  it("counts a head only once enough blocks stand on it", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(3);
    const { anchor } = start(chain, journal, 2);
    await expect.poll(() => chain.state.batches.length).toBe(1);
    await sleep(40);
    expect(anchor.anchored()?.size).toBe(0);
    chain.mine();
    await sleep(40);
    expect(anchor.anchored()?.size).toBe(0);
    expect(anchor.oldestWait()).toBeGreaterThanOrEqual(5);
    chain.mine();
    await reach(anchor, 3);
    expect(anchor.anchored()?.block).toBe(1);
    expect(anchor.oldestWait()).toBe(0);
  });

  it("lets whoever waits for an entry know, or that it is too late", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    chain.state.down = true;
    const { anchor } = start(chain, journal);
    journal.add(3);
    expect(await anchor.whenAnchored(2, 50)).toBe(false);
    const waiting = anchor.whenAnchored(2, 5_000);
    chain.state.down = false;
    expect(await waiting).toBe(true);
    expect(await anchor.whenAnchored(3, 50)).toBe(false);
  });

  it("stops while the chain is down, and releases whoever waits", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    chain.state.down = true;
    journal.add(1);
    const { anchor } = start(chain, journal);
    const waiting = anchor.whenAnchored(0, 60_000);
    await anchor.stop();
    expect(await waiting).toBe(false);
  });
});

describe("a log on chain that is not this journal", () => {
  it("with more entries: restored from an old copy; nothing is appended", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    chain.appendForeign([digestOf(0), digestOf(1)]);
    journal.add(1);
    const { anchor, warnings } = start(chain, journal);
    await anchor.looked;
    expect(anchor.divergence()).toBe(
      "the chain has 2 entries, the journal 1: it stems from an old copy; restore the newest",
    );
    await sleep(60);
    expect(chain.state.batches).toEqual([]);
    expect(warnings).toContain(anchor.divergence());
    expect(anchor.anchored()).toBeUndefined();
  });

  it("with another root: nothing is appended", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    chain.appendForeign([digestOf(0), digestOf(99)]);
    journal.add(5);
    const { anchor } = start(chain, journal);
    await anchor.looked;
    expect(anchor.divergence()).toBe("the chain's root over 2 entries is not the journal's");
    await sleep(60);
    expect(chain.state.batches).toEqual([]);
  });

  it("with another root in the block that counts, though not in the newest: it is not told as anchored", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(3);
    const first = start(chain, journal, 1).anchor;
    await expect.poll(() => chain.number()).toBe(1);
    chain.mine();
    await reach(first, 3);
    const lie = { ...chain.at(1), root: bytes32<Hash>("forged") };
    const readLog: AnchorOptions["readLog"] = async (hash) =>
      hash === bytes32<Hash>("block 1") ? lie : chain.options.readLog(hash);
    const { anchor } = start({ ...chain, options: { ...chain.options, readLog } }, journal, 1);
    await anchor.looked;
    expect(anchor.divergence()).toBe("the chain's root over 3 entries is not the journal's");
    expect(anchor.anchored()).toBeUndefined();
  });

  it("under a key that was rotated: nothing is appended", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(2);
    const { anchor } = start(chain, journal);
    await reach(anchor, 2);
    chain.state.isRotated = true;
    journal.add(1);
    await expect.poll(anchor.divergence).toMatch(/key does not act/);
    expect(chain.state.batches).toEqual([[0, 2]]);
  });

  it("that turns up later is noticed", async () => {
    const [chain, journal] = [createChain(), createJournal()];
    journal.add(2);
    const { anchor } = start(chain, journal);
    await reach(anchor, 2);
    chain.appendForeign([digestOf(50)]);
    await expect.poll(() => anchor.divergence()).toMatch(/the chain has 3 entries, the journal 2/);
    journal.add(3);
    await expect.poll(() => anchor.divergence()).toMatch(/root over 3 entries/);
    expect(chain.state.batches).toEqual([[0, 2]]);
  });
});
