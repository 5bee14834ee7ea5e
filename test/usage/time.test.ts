import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { padTime } from "../../server/usage/padTime.ts";
import { ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

describe("padding", () => {
  it("waits for the next whole step, and not at all at one", async () => {
    for (const worked of [0, 3, 29, 31, 60]) {
      const startedAt = performance.now();
      await sleep(worked);
      const before = performance.now() - startedAt;
      await padTime(startedAt, 30);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(Math.ceil(before / 30) * 30);
    }
  });

  it("of no step waits for nothing", async () => {
    let isDone = false;
    void padTime(performance.now(), 0).then(() => {
      isDone = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(isDone).toBe(true);
  });
});

describe("the line", () => {
  const stepMs = 400;
  let space: TestSpace;
  let gateway: Gateway;

  beforeAll(async () => {
    space = await startTestSpace();
    gateway = await space.startGateway({ DATAPACT_TIME_STEP_MS: String(stepMs) });
  });
  afterAll(() => space.stop());

  it.each([
    [undefined, "SELECT count(*) FROM newborns"],
    ["CohortTooSmall", "SELECT count(*) FROM newborns WHERE sex = 'none has this'"],
    ["RowLimitExceeded", "SELECT sex, count(*) FROM newborns GROUP BY sex"],
  ])("no answer and no refusal of a statement that ran leaves before its step: %s %s", async (reason, statement) => {
    const agreement = await space.conclude({ maxRows: 1n });
    const askedAt = Date.now();
    const answer = await ask(space, gateway, agreement, { statement });
    expect(reasonOf(answer)).toBe(reason);
    expect(Date.parse(answer.entry.time) - askedAt).toBeGreaterThanOrEqual(stepMs - 1);
  });
});
