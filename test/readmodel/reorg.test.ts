import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LogState } from "../../server/chain/reader.ts";
import { createFollowStep, type Followed } from "../../server/readmodel/follow.ts";
import { createReadModelStore } from "../../server/readmodel/store.ts";
import { createPaperChain, createRandom, type PaperChain } from "../support/paperChain.ts";
import { createStoreDatabase, projectionHash, type StoreDatabase } from "../support/readModel.ts";

let first: StoreDatabase;
let fresh: StoreDatabase;
beforeAll(async () => {
  [first, fresh] = [await createStoreDatabase(), await createStoreDatabase()];
});
afterAll(() => Promise.all([first.drop(), fresh.drop()]));

const stepOver = (chain: PaperChain, { pool }: StoreDatabase): (() => Promise<Followed>) =>
  createFollowStep({
    send: chain.send,
    manifest: chain.manifest,
    readHead: chain.readHead,
    readLog: async (gateway) => ({ size: chain.sizeOf(gateway as never), breachedAt: 0 }) as LogState,
    store: createReadModelStore(pool),
    warn: () => undefined,
  });

async function catchUp(step: () => Promise<Followed>): Promise<number> {
  let steps = 0;
  do steps += 1;
  while ((await step()).behind);
  return steps;
}

const seeds = 1_000;
const deepest = 8;

describe("the read model under reorganisations", () => {
  it(`holds after ${seeds} random ones of depth 1 to ${deepest} what a fresh replay gives`, async () => {
    const random = createRandom(7);
    let chain = createPaperChain(0);
    let step = stepOver(chain, first);
    let reverted = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      if (seed % 25 === 1) {
        chain = createPaperChain(seed);
        await createReadModelStore(first.pool).wipe();
        step = stepOver(chain, first);
        chain.grow(6);
      }
      await catchUp(step);
      const depth = 1 + random(deepest);
      chain.revert(depth);
      chain.grow(random(depth + 3));
      reverted += 1;
      await catchUp(step);
      // a node whose chain became shorter cannot be told from one that lags: it goes on, and then all is known
      chain.grow(deepest);
      await catchUp(step);
      if (seed % 5 === 0) {
        await createReadModelStore(fresh.pool).wipe();
        await catchUp(stepOver(chain, fresh));
        expect(await projectionHash(first.pool), `seed ${seed}`).toBe(await projectionHash(fresh.pool));
      }
    }
    expect(reverted).toBe(seeds);
  });
});
