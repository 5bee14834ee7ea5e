import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createTurns, TooManyRequests } from "../../server/usage/turns.ts";

/** Work that runs until the test ends it. */
function tasks() {
  const ends = new Map<string, () => void>();
  return {
    running: (): string[] => [...ends.keys()],
    work: (name: string) => async (): Promise<string> => {
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    },
    end: async (name: string): Promise<void> => {
      ends.get(name)?.();
      ends.delete(name);
      await settle();
    },
  };
}

describe("turns", () => {
  it("give one party half of what runs at once, so that another always finds room", async () => {
    const { running, work } = tasks();
    const turns = createTurns(8, 100);
    for (let i = 0; i < 50; i += 1) void turns.take("greedy", work(`greedy ${i}`));
    await settle();
    expect(running()).toHaveLength(4);
    void turns.take("modest", work("modest"));
    await settle();
    expect(running()).toContain("modest");
  });

  it("never run more at once than may, and serve next who runs least, in order", async () => {
    const { running, work, end } = tasks();
    const turns = createTurns(4, 100);
    for (const party of ["a", "b", "c"]) for (let i = 0; i < 3; i += 1) void turns.take(party, work(`${party}${i}`));
    await settle();
    expect(running()).toEqual(["a0", "a1", "b0", "b1"]);
    await end("a0");
    expect(running()).toEqual(["a1", "b0", "b1", "c0"]);
    await end("b0");
    expect(running()).toHaveLength(4);
    expect(running().filter((name) => name.startsWith("b"))).toEqual(["b1"]);
  });

  it("give back what the work gives or throws, and go on", async () => {
    const turns = createTurns(2, 1);
    for (let i = 0; i < 5; i += 1) {
      expect(await turns.take("a", async () => i)).toBe(i);
      await expect(turns.take("a", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    }
  });

  it("turn away a party too many of whom wait, and nobody else", async () => {
    const { running, work, end } = tasks();
    const turns = createTurns(2, 2);
    for (let i = 0; i < 3; i += 1) void turns.take("a", work(`a${i}`));
    await settle();
    await expect(turns.take("a", work("late"))).rejects.toThrow(TooManyRequests);
    void turns.take("b", work("b0"));
    await settle();
    expect(running()).toEqual(["a0", "b0"]);
    await end("a0");
    expect(running()).toEqual(["b0", "a1"]);
    void turns.take("a", work("a3"));
    await settle();
    await end("a1");
    await end("a2");
    expect(running()).toEqual(["b0", "a3"]);
  });
});
