import { afterAll, beforeAll, expect, it } from "vitest";
import { requestWindow } from "../../server/domain/usageRequest.ts";
import { createDatapact, type Datapact } from "../support/cli.ts";
import { bytes32 } from "../support/evidence.ts";
import { sign, startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer, type TestConsumer } from "../zoo/consumer.ts";
import { type FakeGateway, startFakeGateway } from "../zoo/fakeGateway.ts";

let space: TestSpace;
let fake: FakeGateway;
let consumer: TestConsumer;
let datapact: Datapact;

beforeAll(async () => {
  space = await startTestSpace();
  fake = await startFakeGateway(space);
  const agreement = await space.conclude();
  consumer = createTestConsumer(space, fake, agreement);
  datapact = createDatapact(space, fake);
  await consumer.ask();
  consumer.store.asked(bytes32("lost"), { gatewayUrl: fake.url, signed: sign(space, fake as never, agreement) });
});
afterAll(async () => {
  await fake.stop();
  await space.stop();
});

const check = (...options: string[]) => datapact("receipts", "check", "--folder", consumer.folder, ...options);
const inUtc = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");

it("tells by when an entry was promised, how long that is, and until when a lost request can be recorded", async () => {
  const [kept] = consumer.store.kept();
  const [open] = consumer.store.openRequests();
  if (kept === undefined || open === undefined) throw new Error("nothing is kept");
  const deadline = inUtc(kept.evidence.receipt.deadline);
  const until = inUtc(open.signed.request.issuedAt + 2 * requestWindow);
  const { out, code } = await check();
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`appended +${deadline} +to be anchored within 9 min( \\d+ s)?\\n`));
  expect(out).toMatch(
    new RegExp(`unknown yet: .*nothing is promised.* after ${until}, in 9 min( \\d+ s)?: ask again then`),
  );
  const told = JSON.parse((await check("--json")).out);
  expect(told.receipts).toMatchObject([{ state: "appended", deadline }]);
  expect(told.receipts[0].secondsLeft).toBeGreaterThan(0);
  expect(told.recovered).toMatchObject([{ outcome: "unknown yet", until }]);
});
