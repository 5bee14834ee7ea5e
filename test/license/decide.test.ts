import { describe, expect, it } from "vitest";
import type { Head } from "../../server/chain/head.ts";
import type { Decision, LogState, PolicyQuestion } from "../../server/chain/reader.ts";
import type { Address, AgreementId, Hash, ParticipantId } from "../../server/domain/ids.ts";
import { createDecide } from "../../server/license/decide.ts";
import { bytes32 } from "../support/evidence.ts";

const gateway = bytes32<ParticipantId>("gateway");
const question = {
  agreement: bytes32<AgreementId>("agreement"),
  signer: bytes32<Address>("signer"),
  purpose: "DUO:0000007",
  fields: 0xabcn,
  disclosure: "Aggregate",
} as const;

/** What stands under `decide`: a clock, a head and a policy that say what the test says, and count. */
function world() {
  const state = {
    clock: 1_000,
    head: { number: 1, hash: bytes32<Hash>("block 1"), time: 900 } as Head,
    final: undefined as Head | undefined,
    decision: { reason: null, until: 2_000, usesLeft: 5n } as Decision,
    decisions: new Map<Hash, Decision>(),
    log: { size: 3, root: bytes32<Hash>("root"), breachedAt: 0 } as LogState,
    asked: [] as { readonly question: PolicyQuestion; readonly block: Hash }[],
    logs: [] as Hash[],
    fails: false,
  };
  const decide = createDecide(
    gateway,
    async () => ({ head: state.head, final: state.final ?? state.head }),
    {
      evaluate: async (asked, block) => {
        state.asked.push({ question: asked, block });
        if (state.fails) throw new Error("down");
        return state.decisions.get(block) ?? state.decision;
      },
      log: async (_gateway, block) => {
        state.logs.push(block);
        if (state.fails) throw new Error("down");
        return state.log;
      },
    },
    () => state.clock,
  );
  const moveTo = (number: number): void => {
    state.head = { number, hash: bytes32<Hash>(`block ${number}`), time: 900 };
  };
  return { state, decide, moveTo };
}

describe("decide", () => {
  it("asks the policy at the head that was read, with this gateway and its clock", async () => {
    const { state, decide } = world();
    expect(await decide(question)).toEqual({ head: state.head, decision: state.decision, log: state.log });
    expect(state.asked).toEqual([{ question: { ...question, gateway, time: 1_000 }, block: state.head.hash }]);
  });

  it("keeps an answer under the hash of its block", async () => {
    const { state, decide } = world();
    await decide(question);
    await decide(question);
    expect(state.asked).toHaveLength(1);
    expect(state.logs).toHaveLength(1);
  });

  it("asks once for all who ask the same at once, and anew for one whose second it does not cover", async () => {
    const { state, decide } = world();
    const atOnce = Array.from({ length: 20 }, () => decide(question));
    await Promise.resolve();
    state.clock = 2_000;
    const late = [decide(question), decide(question)];
    for (const asked of [...atOnce, ...late]) expect((await asked).decision).toEqual(state.decision);
    expect(state.asked.map(({ question: { time } }) => time)).toEqual([1_000, 2_000]);
    expect(state.logs).toHaveLength(1);
  });

  it("asks once for all who ask at once even if the answer holds for that second alone", async () => {
    const { state, decide } = world();
    state.decision = { reason: "AgreementExpired", until: 0, usesLeft: 0n };
    await Promise.all(Array.from({ length: 20 }, () => decide(question)));
    expect(state.asked).toHaveLength(1);
    state.clock += 1;
    await decide(question);
    expect(state.asked).toHaveLength(2);
  });

  it("refuses all who ask at once if that fails, and asks anew for the next", async () => {
    const { state, decide } = world();
    state.fails = true;
    const atOnce = await Promise.allSettled(Array.from({ length: 20 }, () => decide(question)));
    expect(new Set(atOnce.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(state.asked).toHaveLength(1);
    state.fails = false;
    expect((await decide(question)).decision).toEqual(state.decision);
  });

  it("asks anew at the next block and at a block of the same number with another hash, and knows a block again", async () => {
    const { state, decide, moveTo } = world();
    await decide(question);
    moveTo(2);
    await decide(question);
    expect(state.asked).toHaveLength(2);
    state.head = { ...state.head, hash: bytes32<Hash>("block 2 of a fork") };
    await decide(question);
    expect(state.asked).toHaveLength(3);
    moveTo(2);
    await decide(question);
    expect(state.asked).toHaveLength(3);
    expect(state.logs).toHaveLength(3);
  });

  it("keeps an answer until `until`, and not in that second", async () => {
    const { state, decide } = world();
    await decide(question);
    state.clock = 1_999;
    await decide(question);
    expect(state.asked).toHaveLength(1);
    state.clock = 2_000;
    await decide(question);
    expect(state.asked).toHaveLength(2);
  });

  it("asks anew if the clock goes back", async () => {
    const { state, decide } = world();
    await decide(question);
    state.clock = 999;
    await decide(question);
    expect(state.asked.map(({ question: { time } }) => time)).toEqual([1_000, 999]);
  });

  it.each([
    ["agreement", { agreement: bytes32<AgreementId>("other") }],
    ["signer", { signer: bytes32<Address>("other") }],
    ["purpose", { purpose: "DUO:0000006" }],
    ["fields", { fields: 0xabdn }],
    ["disclosure", { disclosure: "Deidentified" }],
  ] as const)("keeps answers to another %s apart", async (_name, other) => {
    const { state, decide } = world();
    await decide(question);
    await decide({ ...question, ...other });
    expect(state.asked).toHaveLength(2);
  });

  it("keeps no refusal for a permit: the reason is the policy's own each time", async () => {
    const { state, decide, moveTo } = world();
    state.decision = { reason: "AgreementSuspended", until: 2_000, usesLeft: 0n };
    expect((await decide(question)).decision.reason).toBe("AgreementSuspended");
    moveTo(2);
    state.decision = { reason: null, until: 2_000, usesLeft: 1n };
    expect((await decide(question)).decision.reason).toBeNull();
  });

  it("rejects if the chain does not answer, keeps nothing of it, and recovers", async () => {
    const { state, decide } = world();
    state.fails = true;
    await expect(decide(question)).rejects.toThrow("down");
    state.fails = false;
    expect((await decide(question)).decision.reason).toBeNull();
    expect((await decide(question)).log.size).toBe(3);
  });

  it("does not answer at an old block for somebody who asked while the head moved on", async () => {
    const { state, decide, moveTo } = world();
    const first = decide(question);
    moveTo(2);
    const second = decide(question);
    expect((await first).head.number).toBe(1);
    expect((await second).head.number).toBe(2);
    expect(new Set(state.asked.map(({ block }) => block)).size).toBe(2);
  });

  it("under a final block that lags, permits only what both permit, and counts uses as the newest has them", async () => {
    const { state, decide, moveTo } = world();
    const old = bytes32<Hash>("block 1");
    state.final = state.head;
    moveTo(4);
    const [permit, later] = [state.decision, { reason: null, until: 1_500, usesLeft: 9n } as Decision];
    state.decisions.set(old, { ...permit, reason: "AgreementNotFinalized" });
    expect((await decide(question)).decision.reason).toBe("AgreementNotFinalized");
    moveTo(5);
    state.final = { number: 2, hash: bytes32<Hash>("block 2"), time: 900 };
    state.decisions.set(state.final.hash, later);
    expect((await decide(question)).decision).toEqual({ reason: null, until: 1_500, usesLeft: 5n });
    state.decision = { ...permit, reason: "AgreementSuspended" };
    moveTo(6);
    expect((await decide(question)).decision.reason).toBe("AgreementSuspended");
  });

  it("asks nothing twice while neither block changes", async () => {
    const { state, decide, moveTo } = world();
    state.final = state.head;
    moveTo(4);
    await decide(question);
    await decide(question);
    expect(state.asked.map(({ block }) => block)).toEqual([bytes32("block 4"), bytes32("block 1")]);
    moveTo(5);
    await decide(question);
    expect(state.asked).toHaveLength(3);
  });
});
