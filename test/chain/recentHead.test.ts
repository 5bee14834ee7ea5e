import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Head } from "../../server/chain/head.ts";
import { createRecentHeadReader } from "../../server/chain/recentHead.ts";
import type { Hash } from "../../server/domain/ids.ts";
import { bytes32 } from "../support/evidence.ts";

/** A node and a clock that the test moves; an answer is what the chain was when it was asked. */
function world(maxAgeMs: number) {
  const state = { clock: 0, height: 1, questions: 0, answer: undefined as (() => void) | undefined, fails: false };
  const head = (number: number): Head => ({ number, hash: bytes32<Hash>(`block ${number}`), time: 0 });
  let held = false;
  const recent = createRecentHeadReader(
    async () => {
      state.questions += 1;
      const seen = state.height;
      const fails = state.fails;
      if (held) await new Promise<void>((resolve) => (state.answer = resolve));
      if (fails) throw new Error("down");
      return head(seen);
    },
    maxAgeMs,
    () => state.clock,
  );
  return {
    state,
    recent,
    hold: (on: boolean) => {
      held = on;
    },
    read: async () => (await recent.readHead()).number,
  };
}

describe("a head that may be a little old", () => {
  it("is asked for once within its age, and anew past it", async () => {
    const { state, read } = world(50);
    expect(await read()).toBe(1);
    state.height = 2;
    state.clock = 20;
    expect(await read()).toBe(1);
    expect(state.questions).toBe(1);
    state.clock = 50;
    expect(await read()).toBe(2);
    expect(state.questions).toBe(2);
  });

  it("with age 0 is asked for each time", async () => {
    const { state, read } = world(0);
    await read();
    await read();
    expect(state.questions).toBe(2);
  });

  it("counts its age from before the question: a slow answer is old when it comes", async () => {
    const { state, read, hold } = world(50);
    hold(true);
    const first = read();
    state.clock = 60;
    state.answer?.();
    expect(await first).toBe(1);
    hold(false);
    state.height = 2;
    expect(await read()).toBe(2);
  });

  it("is fetched beside the answer once half its age is over", async () => {
    const { state, read } = world(50);
    await read();
    state.height = 2;
    state.clock = 30;
    expect(await read()).toBe(1);
    await sleep(1);
    expect(await read()).toBe(2);
    expect(state.questions).toBe(2);
  });

  it("is forgotten when somebody tells of a newer one, answers under way included", async () => {
    const { state, read, hold, recent } = world(50);
    hold(true);
    const before = read();
    state.height = 2;
    state.clock = 1;
    recent.expire();
    state.answer?.();
    expect(await before).toBe(1);
    hold(false);
    expect(await read()).toBe(2);
  });

  it("is not served past its age while the node fails", async () => {
    const { state, read } = world(50);
    await read();
    state.fails = true;
    state.clock = 30;
    expect(await read()).toBe(1);
    state.clock = 51;
    await expect(read()).rejects.toThrow("down");
    state.fails = false;
    expect(await read()).toBe(1);
  });
});
