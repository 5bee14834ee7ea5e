import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContractRefused } from "../../server/chain/revert.ts";
import { fileChallenge, findChallenges } from "../../server/client/challenges.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import { entryDigest } from "../../server/domain/entry.ts";
import type { AgreementId, EntryDigest } from "../../server/domain/ids.ts";
import { longestPromise } from "../../server/domain/receipt.ts";
import { pass } from "../support/clock.ts";
import { bytes32 } from "../support/evidence.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer, type TestConsumer } from "./consumer.ts";
import { type FakeGateway, startFakeGateway } from "./fakeGateway.ts";

let space: TestSpace;
let agreement: AgreementId;
const fakes: FakeGateway[] = [];

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
});
afterAll(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  await space.stop();
});

async function meet(): Promise<{ readonly fake: FakeGateway; readonly consumer: TestConsumer }> {
  const fake = await startFakeGateway(space);
  fakes.push(fake);
  return { fake, consumer: createTestConsumer(space, fake, agreement) };
}

const states = async (consumer: TestConsumer): Promise<string[]> => (await consumer.check()).map(({ state }) => state);
const isBreached = async ({ id }: FakeGateway): Promise<boolean> => {
  const chain = space.founded.space;
  return (await chain.reader.log(id, (await chain.readHead()).hash)).breachedAt !== 0;
};

/** After it has broken one promise, the gateway anchors nothing more. */
async function expectProven(fake: FakeGateway, consumer: TestConsumer, fault: string, index: number): Promise<void> {
  expect(await consumer.prove()).toMatchObject({ gateway: fake.id, fault, index });
  expect(await isBreached(fake)).toBe(true);
  await expect(fake.anchor([...fake.entries, bytes32<EntryDigest>("more")])).rejects.toThrow(/LogBreached/);
}

it("honest: an answer is shown, then anchored, then verified, and proves nothing", async () => {
  const { fake, consumer } = await meet();
  for (let i = 0; i < 3; i += 1) expect((await consumer.ask()).problems).toEqual([]);
  expect(await states(consumer)).toEqual(["appended", "appended", "appended"]);
  await fake.anchor();
  expect(await states(consumer)).toEqual(["verified", "verified", "verified"]);
  expect(consumer.store.kept().map(({ file }) => consumer.store.proofOf(file)?.size)).toEqual([3, 3, 3]);
  fake.silent = true;
  expect(await states(consumer)).toEqual(["verified", "verified", "verified"]);
  await expect(consumer.prove()).rejects.toThrow("nothing is proven");
  await expect(
    fileChallenge(space.founded.space, space.founded.wallet("insurer"), {
      fault: "Late",
      receipt: (await consumer.check())[0]?.evidence.receipt as never,
    }),
  ).rejects.toThrow(ContractRefused);
});

it("drops: a receipt, and never anchored", async () => {
  const { fake, consumer } = await meet();
  fake.promiseSeconds = 600;
  expect((await consumer.ask()).problems).toEqual([]);
  expect(await states(consumer)).toEqual(["appended"]);
  await pass(space.founded.space, 601);
  expect(await states(consumer)).toEqual(["broken"]);
  await expectProven(fake, consumer, "Late", 0);
});

it("delays: others are anchored, the promised one is not when its time is over", async () => {
  const { fake, consumer } = await meet();
  await consumer.ask();
  fake.promiseSeconds = 600;
  await consumer.ask();
  await fake.anchor(fake.entries.slice(0, 1));
  await pass(space.founded.space, 601);
  expect((await states(consumer)).sort()).toEqual(["broken", "verified"]);
  await expectProven(fake, consumer, "Late", 1);
});

it("swaps: another entry is anchored at the promised index", async () => {
  const { fake, consumer } = await meet();
  for (let i = 0; i < 3; i += 1) await consumer.ask();
  await fake.anchor(fake.entries.with(1, bytes32<EntryDigest>("another")));
  expect((await states(consumer)).sort()).toEqual(["broken", "verified", "verified"]);
  await expectProven(fake, consumer, "Replaced", 1);
  const other = consumer.store.kept().find(({ evidence }) => evidence.receipt.index === 0);
  const links = other === undefined ? [] : await verifyEvidence(space.founded.space, other.evidence, 0);
  expect(links.map(({ check }) => check)).toContain("inclusion");
  expect(
    links.filter(({ problem }) => problem !== undefined),
    "a log that is stopped proves what stands in it",
  ).toEqual([]);
});

it("equivocates: one index is promised to two entries, and each of the two consumers alone sees nothing wrong", async () => {
  const { fake, consumer } = await meet();
  const other = createTestConsumer(space, fake, agreement);
  expect((await consumer.ask()).problems).toEqual([]);
  fake.entries.length = 0;
  expect((await other.ask()).problems).toEqual([]);
  expect([...(await states(consumer)), ...(await states(other))]).toEqual(["appended", "appended"]);
  for (const { evidence } of other.store.kept()) consumer.store.keep(evidence);
  expect(await states(consumer)).toEqual(["broken", "broken"]);
  await expectProven(fake, consumer, "Equivocation", 0);
});

it("equivocates towards one consumer: the second answer is not shown", async () => {
  const { fake, consumer } = await meet();
  await consumer.ask();
  fake.entries.length = 0;
  const { problems } = await consumer.ask();
  expect(problems).toEqual([{ check: "index", problem: "the index was promised to another entry before" }]);
  await expectProven(fake, consumer, "Equivocation", 0);
});

describe("re-dates", () => {
  it("a promise that is asked for again: the first one counts, on chain too", async () => {
    const { fake, consumer } = await meet();
    fake.promiseSeconds = 600;
    const { answer } = await consumer.ask();
    const now = Math.floor(Date.now() / 1_000);
    const later = fake.promise(0, entryDigest(answer.entry), now, now + 1_200);
    const [first] = consumer.store.kept();
    if (first === undefined) throw new Error("nothing was kept");
    consumer.store.keep({ ...first.evidence, receipt: later });
    await pass(space.founded.space, 601);
    const judged = await findChallenges(space.founded.space, [first.evidence.receipt, later]);
    expect(judged.map(({ verdict }) => verdict)).toEqual(["Late", "Pending"]);
    await expectProven(fake, consumer, "Late", 0);
  });

  it("an answer whose deadline lies beyond what any gateway may promise is not shown", async () => {
    const { fake, consumer } = await meet();
    fake.promiseSeconds = longestPromise + 3_600;
    const { problems } = await consumer.ask();
    expect(problems).toEqual([{ check: "time", problem: "the receipt puts its deadline off too far" }]);
  });
});

describe("alters the result", () => {
  it("of an answer: it is not shown, since the entry records another", async () => {
    const { fake, consumer } = await meet();
    fake.lie = (honest) => ({ ...honest, result: { ...honest.result, rows: [["401"]] } });
    const { problems } = await consumer.ask();
    expect(problems).toEqual([{ check: "result", problem: "the result is not the one that was recorded" }]);
    expect(await states(consumer)).toEqual(["broken"]);
  });

  it("in the record: what is anchored is not the entry that was answered", async () => {
    const { fake, consumer } = await meet();
    const { answer } = await consumer.ask();
    const { entry } = answer;
    const digest = bytes32("another result");
    const altered = entryDigest({ ...entry, result: entry.result && { ...entry.result, digest } } as never);
    await fake.anchor([altered]);
    await expectProven(fake, consumer, "Replaced", 0);
  });
});

it("forks the log for two clients: only one branch can be anchored, and the other's client proves it", async () => {
  const { fake, consumer } = await meet();
  const other = createTestConsumer(space, fake, agreement);
  await consumer.ask();
  const branch = [...fake.entries];
  fake.entries.length = 0;
  await other.ask();
  await fake.anchor();
  // the second branch: the contract takes nothing at a place that is taken
  await expect(fake.anchor([...fake.entries, ...branch].slice(0, 1))).rejects.toThrow(/BatchSizeInvalid|BatchStart/);
  // to its own client it shows proofs of its own branch, under a head of its own
  fake.entries.splice(0, 1, ...branch);
  expect(await states(consumer)).toEqual(["broken"]);
  expect(await states(other)).toEqual(["verified"]);
  await expectProven(fake, consumer, "Replaced", 0);
});

it("restores an old backup: an index is used again, and the first promise for it proves that", async () => {
  const { fake, consumer } = await meet();
  await consumer.ask();
  await fake.anchor();
  await consumer.ask();
  await consumer.ask();
  fake.entries.length = 1;
  const stranger = createTestConsumer(space, fake, agreement);
  await stranger.ask();
  await fake.anchor();
  expect((await states(consumer)).sort()).toEqual(["appended", "broken", "verified"]);
  await expectProven(fake, consumer, "Replaced", 1);
});
