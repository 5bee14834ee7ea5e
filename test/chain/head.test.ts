import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createHeadReader, type Head, parseHead } from "../../server/chain/head.ts";

const blockAt = (number: number) => ({
  number: `0x${number.toString(16)}`,
  hash: `0x${number.toString(16).padStart(64, "0")}`,
  timestamp: "0x5f5e100",
});

/** A chain that grows while it is asked; what it answers is what it was when it was asked. */
function growingChain(delayMs: () => number) {
  let height = 1;
  let questions = 0;
  let under = 0;
  return {
    height: () => height,
    grow: () => {
      height += 1;
    },
    questions: () => questions,
    mostAtOnce: { value: 0 },
    async newest(this: { mostAtOnce: { value: number } }): Promise<Head> {
      questions += 1;
      under += 1;
      this.mostAtOnce.value = Math.max(this.mostAtOnce.value, under);
      const seen = height;
      await sleep(delayMs());
      under -= 1;
      return parseHead(blockAt(seen));
    },
  };
}

describe("the reader of the head", () => {
  it("never gives an answer that was asked for before the call", async () => {
    let turn = 0;
    const chain = growingChain(() => (turn = (turn * 7 + 3) % 11));
    const readHead = createHeadReader(() => chain.newest());
    const calls: Promise<void>[] = [];
    for (let i = 0; i < 600; i += 1) {
      if (i % 3 === 0) chain.grow();
      const atCall = chain.height();
      calls.push(readHead().then(({ number }) => expect(number).toBeGreaterThanOrEqual(atCall)));
      if (i % 10 === 0) await sleep(1);
    }
    await Promise.all(calls);
    expect(chain.mostAtOnce.value).toBe(1);
    expect(chain.questions()).toBeLessThan(300);
  });

  it("lets a thousand who ask at once share two questions", async () => {
    const chain = growingChain(() => 5);
    const readHead = createHeadReader(() => chain.newest());
    await Promise.all(Array.from({ length: 1_000 }, () => readHead()));
    expect(chain.questions()).toBe(2);
  });

  it("asks anew each time, however recent the last answer is", async () => {
    const chain = growingChain(() => 0);
    const readHead = createHeadReader(() => chain.newest());
    for (let i = 0; i < 5; i += 1) {
      chain.grow();
      expect((await readHead()).number).toBe(chain.height());
    }
    expect(chain.questions()).toBe(5);
  });

  it("rejects whoever shares a question that fails, and nobody after them", async () => {
    let fails = true;
    const readHead = createHeadReader(async () => {
      await sleep(2);
      if (fails) throw new Error("down");
      return parseHead(blockAt(7));
    });
    const results = await Promise.allSettled([readHead(), readHead(), readHead()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    fails = false;
    expect((await readHead()).number).toBe(7);
  });

  it("lets those who wait for the next question survive the failure of this one", async () => {
    let questions = 0;
    const readHead = createHeadReader(async () => {
      questions += 1;
      await sleep(2);
      if (questions === 1) throw new Error("down");
      return parseHead(blockAt(7));
    });
    const results = await Promise.allSettled([readHead(), readHead()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it.each([
    null,
    undefined,
    {},
    [],
    "0x1",
    { ...blockAt(1), number: null },
    { ...blockAt(1), number: "1" },
    { ...blockAt(1), number: 1 },
    { ...blockAt(1), hash: null },
    { ...blockAt(1), hash: "0xab" },
    { ...blockAt(1), hash: `0x${"AB".repeat(32)}` },
    { ...blockAt(1), timestamp: "0x" },
  ])("takes no head from %j", (block) => {
    expect(() => parseHead(block)).toThrow();
  });
});
