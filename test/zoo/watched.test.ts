import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgreementId, EntryDigest } from "../../server/domain/ids.ts";
import { pass } from "../support/clock.ts";
import { bytes32 } from "../support/evidence.ts";
import { makeFolder } from "../support/folder.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestWitness, type TestWitness } from "../witness/testWitness.ts";
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

type Scene = {
  readonly fake: FakeGateway;
  readonly consumer: TestConsumer;
  readonly heard: string;
  readonly witness: TestWitness;
};

/** A witness who gets the receipts of a consumer, and whatever a test puts into `heard`. */
async function meet(): Promise<Scene> {
  const fake = await startFakeGateway(space);
  fakes.push(fake);
  const consumer = createTestConsumer(space, fake, agreement);
  const heard = makeFolder("heard");
  mkdirSync(heard, { recursive: true });
  return { fake, consumer, heard, witness: createTestWitness(space, [fake], { folders: [consumer.folder, heard] }) };
}

const hand = (folder: string, name: string, text: string): void => writeFileSync(join(folder, name), text);
const breached = async ({ id }: FakeGateway): Promise<boolean> => {
  const chain = space.founded.space;
  return (await chain.reader.log(id, (await chain.readHead()).hash)).breachedAt !== 0;
};

/** The witness proves it in one transaction, and from then on sees the breach on chain. */
async function expectProven({ fake, witness }: Scene, code: string): Promise<void> {
  expect(await witness.look({ challenge: true })).toContain(code);
  expect(await breached(fake)).toBe(true);
  expect(witness.told.filter(({ level }) => level === "proven")).toHaveLength(1);
  expect(await witness.look()).toContain("LogBreached");
}

it("an honest gateway: nothing stands, round after round", async () => {
  const { fake, consumer, witness } = await meet();
  expect(await witness.look()).toEqual([]);
  for (let i = 0; i < 3; i += 1) {
    await consumer.ask();
    expect(await witness.look()).toEqual([]);
    await fake.anchor(undefined, new Map([[agreement, 1]]));
    expect(await witness.look({ challenge: true })).toEqual([]);
  }
  expect(witness.accused()).toEqual([]);
});

it("drops: promised, and not anchored in time", async () => {
  const scene = await meet();
  scene.fake.promiseSeconds = 600;
  await scene.consumer.ask();
  expect(await scene.witness.look()).toEqual([]);
  await pass(space.founded.space, 601);
  await expectProven(scene, "PromiseLate");
});

it("tells that a proof could not be filed, and files it as soon as it can", async () => {
  const scene = await meet();
  scene.fake.promiseSeconds = 600;
  await scene.consumer.ask();
  await pass(space.founded.space, 601);
  const prove = async (): Promise<never> => {
    throw Object.assign(new Error("no coin for the fee"), { code: "INSUFFICIENT_FUNDS" });
  };
  for (const _ of [1, 2])
    expect(await scene.witness.look({ challenge: true, prove })).toEqual(["ChallengeFailed", "PromiseLate"]);
  const told = scene.witness.told.flatMap((one) => (one.level === "alarm" ? [one.alarm] : []));
  expect(told.map(({ code }) => code)).toEqual(["PromiseLate", "ChallengeFailed"]);
  expect(told[1]).toMatchObject({
    gateway: scene.fake.id,
    subject: "0",
    facts: { fault: "Late", code: "INSUFFICIENT_FUNDS" },
  });
  await expectProven(scene, "PromiseLate");
  expect(scene.witness.standing().map(({ code }) => code)).not.toContain("ChallengeFailed");
});

it("delays: what was anchored after its time is told, though nobody can prove it any more", async () => {
  const { fake, consumer, witness } = await meet();
  fake.promiseSeconds = 600;
  await consumer.ask();
  await pass(space.founded.space, 601);
  await fake.anchor(undefined, new Map([[agreement, 1]]));
  expect(await witness.look()).toEqual(["PromiseKeptLate"]);
});

it("swaps: another entry stands at the index", async () => {
  const scene = await meet();
  await scene.consumer.ask();
  await scene.fake.anchor([bytes32<EntryDigest>("another")]);
  await expectProven(scene, "PromiseReplaced");
});

it("equivocates: two consumers who hand in their receipts show it", async () => {
  const scene = await meet();
  const { fake, consumer, heard, witness } = scene;
  await consumer.ask();
  fake.entries.length = 0;
  const other = createTestConsumer(space, fake, agreement);
  await other.ask();
  expect(await witness.look()).toEqual([]);
  for (const { evidence } of other.store.kept()) hand(heard, "other.json", JSON.stringify(evidence.receipt));
  await expectProven(scene, "PromiseEquivocation");
});

it("re-dates: one entry, two deadlines", async () => {
  const { fake, consumer, heard, witness } = await meet();
  await consumer.ask();
  const [first] = consumer.store.kept();
  if (first === undefined) throw new Error("nothing was kept");
  const { index, entry, issuedAt } = first.evidence.receipt;
  hand(heard, "again.json", JSON.stringify(fake.promise(index, entry, issuedAt, issuedAt + 3_600)));
  expect(await witness.look()).toEqual(["PromiseRedated"]);
});

it("forks the log for two clients: the checkpoint that one of them was shown proves it", async () => {
  const { fake, consumer, heard, witness } = await meet();
  await consumer.ask();
  await fake.anchor(undefined, new Map([[agreement, 1]]));
  expect(await witness.look()).toEqual([]);
  hand(heard, "fork.note", fake.checkpoint([bytes32<EntryDigest>("another branch")]));
  expect(await witness.look()).toEqual(["HeadForked"]);
});

it("forks before anything is anchored: two signed heads of one size suffice", async () => {
  const { fake, heard, witness } = await meet();
  hand(heard, "one.note", fake.checkpoint([bytes32<EntryDigest>("one branch")]));
  expect(await witness.look()).toEqual([]);
  hand(heard, "other.note", fake.checkpoint([bytes32<EntryDigest>("another branch")]));
  expect(await witness.look()).toEqual(["HeadForked", "HeadForked"]);
});

it("tells of a head that the chain has not", async () => {
  const { fake, consumer, witness } = await meet();
  await consumer.ask();
  await fake.anchor(undefined, new Map([[agreement, 1]]));
  fake.heads = ({ appended, anchored }) => ({
    appended,
    anchored: anchored && { ...anchored, root: bytes32("false") },
  });
  expect(await witness.look()).toEqual(["HeadContradicted", "HeadForked"]);
});

it("a checkpoint that somebody else signed in its name accuses nobody", async () => {
  const { fake, heard, witness } = await meet();
  const other = await startFakeGateway(space);
  fakes.push(other);
  const forged = other.checkpoint([bytes32<EntryDigest>("x")]).replaceAll(other.id, fake.id);
  hand(heard, "forged.note", forged);
  hand(heard, "nonsense.json", "{}");
  expect(await witness.look()).toEqual(["FileUnreadable"]);
  expect(witness.accused()).toEqual([]);
});

it("restores an old backup: it tells of fewer entries than before", async () => {
  const scene = await meet();
  const { fake, consumer, witness } = scene;
  await consumer.ask();
  await fake.anchor(undefined, new Map([[agreement, 1]]));
  await consumer.ask();
  expect(await witness.look()).toEqual([]);
  fake.entries.length = 1;
  expect(await witness.look()).toEqual(["LogShortened"]);
  await createTestConsumer(space, fake, agreement).ask();
  await fake.anchor();
  await expectProven(scene, "PromiseReplaced");
});

it("uses that are anchored and not counted on chain are found", async () => {
  const { fake, consumer, witness } = await meet();
  for (let i = 0; i < 3; i += 1) await consumer.ask();
  await fake.anchor(undefined, new Map([[agreement, 2]]));
  expect(await witness.look()).toEqual(["UseNotMetered"]);
  expect(witness.standing()[0]?.facts).toMatchObject({ agreement, held: 3, metered: 2 });
});

it("silent, or another gateway at its address", async () => {
  const { fake, consumer } = await meet();
  const patient = createTestWitness(space, [fake], { silentSeconds: 600 });
  expect(await patient.look()).toEqual([]);
  const url = fake.url;
  await fake.stop();
  await pass(space.founded.space, 601);
  expect(await patient.look()).toEqual(["GatewaySilent"]);
  const other = await startFakeGateway(space);
  fakes.push(other);
  expect(await createTestWitness(space, [{ id: fake.id, url: other.url }]).look()).toEqual(["GatewayMistaken"]);
  expect(url).not.toBe(other.url);
  expect(consumer.store.kept()).toEqual([]);
});

it("entries that wait for the chain too long are told of", async () => {
  const { fake, consumer } = await meet();
  const impatient = createTestWitness(space, [fake], { overdueSeconds: 600 });
  await consumer.ask();
  expect(await impatient.look()).toEqual([]);
  await pass(space.founded.space, 601);
  expect(await impatient.look()).toEqual(["AnchorOverdue"]);
  await fake.anchor();
  expect(await impatient.look()).toEqual([]);
  expect(impatient.told.map(({ level }) => level)).toContain("over");
});
