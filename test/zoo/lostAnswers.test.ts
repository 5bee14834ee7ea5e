import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { type Recovered, recoverAnswers } from "../../server/client/recoverAnswers.ts";
import type { AgreementId, RequestDigest } from "../../server/domain/ids.ts";
import { requestWindow } from "../../server/domain/usageRequest.ts";
import { bytes32 } from "../support/evidence.ts";
import { sign, startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer, type TestConsumer } from "./consumer.ts";
import { type Answer, type FakeGateway, startFakeGateway } from "./fakeGateway.ts";

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

const now = (): number => Math.floor(Date.now() / 1_000);
const afterwards = (): number => now() + 2 * requestWindow + 60;

async function recover({ store }: TestConsumer, at = now(), url?: string): Promise<Recovered["outcome"][]> {
  const clientOf = (own: string) => createClient(url ?? own, fetch, 5_000);
  return (await recoverAnswers(space.founded.space, store, clientOf, at)).map(({ outcome }) => outcome);
}

it.each([400, 403, 409, 429, 500])(
  "denied with %i, and recorded all the same: asked for later, the receipt is kept",
  async (status) => {
    const { fake, consumer } = await meet();
    fake.denies = status;
    await expect(consumer.ask()).rejects.toThrow("Later.");
    expect(consumer.store.openRequests()).toHaveLength(1);
    expect(await recover(consumer)).toEqual(["kept"]);
    expect(consumer.store.openRequests()).toEqual([]);
    expect(consumer.store.kept().map(({ evidence }) => evidence.receipt.index)).toEqual([0]);
  },
);

it("interrupted after the answer was kept: asked for again, it is not kept a second time", async () => {
  const { fake, consumer } = await meet();
  const { file } = await consumer.ask();
  const [first] = consumer.store.kept();
  if (first === undefined) throw new Error("nothing is kept");
  const { signed, entry } = first.evidence;
  consumer.store.asked(entry.request, { gatewayUrl: fake.url, signed });
  expect(await recover(consumer)).toEqual(["kept"]);
  expect(consumer.store.openRequests()).toEqual([]);
  expect(consumer.store.kept().map((one) => one.file)).toEqual([file]);
  expect(consumer.store.kept()[0]?.evidence.result).toBeDefined();
});

it("unknown yet: tells until when a gateway can still record it", async () => {
  const { consumer, fake } = await meet();
  const signed = sign(space, fake as never, agreement);
  consumer.store.asked(bytes32<RequestDigest>("told"), { gatewayUrl: fake.url, signed });
  const told = await recoverAnswers(space.founded.space, consumer.store, (url) => createClient(url), now());
  const until = signed.request.issuedAt + 2 * requestWindow;
  expect(told).toEqual([{ digest: bytes32("told"), outcome: "unknown yet", until, gatewayUrl: fake.url }]);
});

it("never recorded: only the gateway itself settles it, and only when no request is fresh any more", async () => {
  const { consumer, fake } = await meet();
  const { fake: other } = await meet();
  const signed = sign(space, fake as never, agreement);
  const digest = bytes32<RequestDigest>("asked");
  consumer.store.asked(digest, { gatewayUrl: fake.url, signed });
  expect(await recover(consumer)).toEqual(["unknown yet"]);
  expect(await recover(consumer, afterwards(), other.url)).toEqual(["unknown yet"]);
  expect(await recover(consumer, afterwards(), space.engines.chainUrl)).toEqual(["unknown yet"]);
  expect(await recover(consumer, afterwards())).toEqual(["never recorded"]);
  expect(consumer.store.openRequests()).toEqual([]);
});

const lies: readonly (readonly [string, (honest: Answer, before: Answer, fake: FakeGateway) => Answer])[] = [
  ["another request's entry and receipt", (_honest, before) => before],
  ["a receipt that was given to another entry", (honest, before) => ({ ...honest, receipt: before.receipt })],
  ["an entry of another outcome", (honest) => ({ ...honest, entry: { ...honest.entry, purpose: "DUO:0000042" } })],
  [
    "a receipt that no key of the gateway signed",
    (honest, _before, fake) => ({
      ...honest,
      receipt: { ...honest.receipt, signature: fake.promise(7, honest.receipt.entry).signature },
    }),
  ],
];

it.each(lies)("%s: refuted, not kept, and asked for again until the truth comes", async (_name, lie) => {
  const { fake, consumer } = await meet();
  let before: Answer | undefined;
  fake.lie = (honest) => {
    before = honest;
    return honest;
  };
  await consumer.ask();
  const first = before as unknown as Answer;
  let truth: Answer | undefined;
  fake.denies = 429;
  fake.lie = (honest) => {
    truth = honest;
    return lie(honest, first, fake);
  };
  await expect(consumer.ask()).rejects.toThrow("Later.");
  expect(await recover(consumer)).toEqual(["refuted"]);
  expect(await recover(consumer, afterwards())).toEqual(["refuted"]);
  expect(consumer.store.kept()).toHaveLength(1);
  expect(consumer.store.openRequests()).toHaveLength(1);
  fake.tell(truth as unknown as Answer);
  expect(await recover(consumer)).toEqual(["kept"]);
  expect(consumer.store.openRequests()).toEqual([]);
});

it("an answer at once that binds nobody leaves the request open", async () => {
  const { fake, consumer } = await meet();
  fake.lie = (honest) => ({ ...honest, receipt: { ...honest.receipt, entry: bytes32("other") } });
  expect((await consumer.ask()).problems).not.toEqual([]);
  expect(consumer.store.openRequests()).toHaveLength(1);
  fake.lie = (honest) => honest;
  expect((await consumer.ask()).problems).toEqual([]);
  expect(consumer.store.openRequests()).toHaveLength(1);
});
