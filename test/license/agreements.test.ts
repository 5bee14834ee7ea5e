import { describe, expect, it } from "vitest";
import type { ChainReader, Dataset } from "../../server/chain/reader.ts";
import type { AgreementId, DatasetId, Hash } from "../../server/domain/ids.ts";
import type { Terms } from "../../server/domain/terms.ts";
import { createAgreementFinder } from "../../server/license/agreements.ts";
import { bytes32 } from "../support/evidence.ts";

const id = bytes32<AgreementId>("agreement");
const [first, second] = [bytes32<Hash>("block 1"), bytes32<Hash>("block 2")];
const terms = { dataset: bytes32<DatasetId>("dataset"), description: bytes32<Hash>("description") } as Terms;
const dataset = { name: "d", description: { title: "", tables: [], joins: [] } } as Dataset;

/** A chain that has the agreement from a block on, counts, and fails when told to. */
function world() {
  const state = { asked: [] as Hash[], has: new Set<Hash>([first, second]), fails: false };
  const reader = {
    terms: async (_id: AgreementId, block: Hash) => {
      state.asked.push(block);
      if (state.fails) throw new Error("down");
      return state.has.has(block) ? terms : undefined;
    },
    lineage: async () => id,
    dataset: async () => dataset,
  };
  return { state, find: createAgreementFinder(reader as unknown as ChainReader) };
}

describe("finding an agreement", () => {
  it("reads it once for all who ask at once, and never again", async () => {
    const { state, find } = world();
    const found = await Promise.all(Array.from({ length: 20 }, () => find(id, first)));
    expect(new Set(found.map((one) => one?.terms))).toEqual(new Set([terms]));
    await find(id, second);
    expect(state.asked).toEqual([first]);
  });

  it("reads it for each block while the chain has none", async () => {
    const { state, find } = world();
    state.has.delete(first);
    const [before, after] = await Promise.all([find(id, first), find(id, second)]);
    expect([before, after?.lineage]).toEqual([undefined, id]);
    expect(state.asked).toEqual([first, second]);
  });

  it("fails for all who ask at once, keeps nothing of it, and reads it for the next", async () => {
    const { state, find } = world();
    state.fails = true;
    const failed = await Promise.allSettled([find(id, first), find(id, first)]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    state.fails = false;
    expect(await find(id, first)).toMatchObject({ lineage: id, dataset });
    expect(state.asked).toEqual([first, first]);
  });
});
