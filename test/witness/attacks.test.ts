import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getBytes, Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createGatewayFinder } from "../../scripts/cli/findGateways.ts";
import { openSpace, type Space } from "../../server/chain/space.ts";
import { write } from "../../server/chain/write.ts";
import { fromHex } from "../../server/domain/hash.ts";
import type { AgreementId, EntryDigest } from "../../server/domain/ids.ts";
import { createReceiptHasher } from "../../server/domain/typedData.ts";
import { createBatchSigner, createReceiptWriter } from "../../server/usage/receipts.ts";
import { createHeldReader } from "../../server/witness/heldFiles.ts";
import { createLogHeads } from "../../server/witness/logHeads.ts";
import { openStateFile } from "../../server/witness/state.ts";
import { acknowledgeAll } from "../../server/witness/watch.ts";
import { pass } from "../support/clock.ts";
import { bytes32 } from "../support/evidence.ts";
import { makeFolder } from "../support/folder.ts";
import { type Fault, type RpcProxy, staleHead, startRpcProxy } from "../support/rpcProxy.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer, type TestConsumer } from "../zoo/consumer.ts";
import { type FakeGateway, startFakeGateway } from "../zoo/fakeGateway.ts";
import { createTestWitness, type TestWitness, type WitnessOptions } from "./testWitness.ts";

let space: TestSpace;
let agreement: AgreementId;
let node: RpcProxy;
let behindNode: Space;
const fakes: FakeGateway[] = [];

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
  node = await startRpcProxy(space.engines.chainUrl);
  behindNode = openSpace(node.url, space.founded.space.manifest);
});
afterEach(() => node.misbehave(undefined));
afterAll(async () => {
  behindNode.close();
  await Promise.all([...fakes.map((fake) => fake.stop()), node.stop()]);
  await space.stop();
});

type Scene = {
  readonly fake: FakeGateway;
  readonly consumer: TestConsumer;
  readonly hand: (name: string, text: string) => void;
  readonly watch: (options?: WitnessOptions) => TestWitness;
};

async function meet(): Promise<Scene> {
  const fake = await startFakeGateway(space);
  fakes.push(fake);
  const consumer = createTestConsumer(space, fake, agreement);
  const heard = makeFolder("heard");
  return {
    fake,
    consumer,
    hand: (name, text) => writeFileSync(join(heard, name), text),
    watch: (options) => createTestWitness(space, [fake], { folders: [consumer.folder, heard], ...options }),
  };
}

const branch = (name: string): EntryDigest[] => [bytes32<EntryDigest>(name)];
const acknowledge = ({ folder }: TestWitness): number => acknowledgeAll(openStateFile(folder));
const metered = (): Map<AgreementId, number> => new Map([[agreement, 1]]);

/** Fails at one call and is honest before and after. */
function failAt(nth: number): { readonly fault: Fault; readonly asked: () => number } {
  let asked = 0;
  const fault: Fault = ({ id }, result, response) => {
    asked += 1;
    const failure = { error: { code: -32_000, message: "busy" } };
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...(asked === nth ? failure : { result }) }));
  };
  return { fault, asked: () => asked };
}

describe("a node that fails or lags", () => {
  it("at whichever moment it fails, no alarm is lost that cannot be seen again", async () => {
    const { fake, consumer, watch } = await meet();
    fake.promiseSeconds = 600;
    await consumer.ask();
    await pass(space.founded.space, 601);
    await fake.anchor();
    for (let nth = 1, isReached = true; isReached; nth += 1) {
      const witness = watch({ isOneProcess: true, chain: behindNode });
      const { fault, asked } = failAt(nth);
      node.misbehave(fault);
      const codes = await witness.look();
      node.misbehave(undefined);
      isReached = asked() >= nth;
      if (isReached) expect(codes, `call ${nth}`).toContain("ChainUnavailable");
      expect(await witness.look(), `call ${nth}`).toEqual(["PromiseKeptLate", "UseNotMetered"]);
    }
  });

  it("and does not know a new key yet, a receipt under it is looked at again", async () => {
    const { fake, hand, watch } = await meet();
    const witness = watch({ isOneProcess: true, chain: behindNode });
    const chain = space.founded.space;
    const before = await chain.send("eth_getBlockByNumber", ["latest", false]);
    const next = new Wallet(Wallet.createRandom().privateKey);
    await write(chain, fake.wallet, "ParticipantRegistry", "rotateKey", [next.address]);
    const { time } = await chain.readHead();
    const digests = branch("under the new key").map(fromHex);
    const hash = createReceiptHasher(chain.domainOf("AccessLog"));
    const sign = createBatchSigner(fake.id, getBytes(next.privateKey), hash, 1, () => time);
    const receipt = createReceiptWriter(fake.id)({
      index: 0,
      batch: { start: 0, digests, promise: sign(0, digests, time) },
    });
    hand("new.json", JSON.stringify(receipt));
    node.misbehave(staleHead(before));
    expect(await witness.look()).toEqual([]);
    node.misbehave(undefined);
    await pass(space.founded.space, 601);
    expect(await witness.look()).toEqual(["PromiseLate"]);
  });

  it("is asked for a log once a round, however many heads are not those of its batches", async () => {
    const { fake } = await meet();
    await fake.anchor([...branch("a"), ...branch("b"), ...branch("c")]);
    const heads = createLogHeads(behindNode, fake.id, await behindNode.readHead());
    node.reset();
    expect(await heads.rootAt(1)).not.toBe(await heads.rootAt(2));
    expect(node.asked().filter((method) => method === "eth_getTransactionByHash")).toHaveLength(1);
  });
});

it("one entry promised by two deadlines is told of until somebody looked, though both are kept", async () => {
  const { fake, consumer, hand, watch } = await meet();
  const witness = watch({ isOneProcess: true });
  await consumer.ask();
  for (const { evidence } of consumer.store.kept()) {
    const { index, entry, issuedAt } = evidence.receipt;
    hand("again.json", JSON.stringify(fake.promise(index, entry, issuedAt, issuedAt + 3_600)));
  }
  expect(await witness.look()).toEqual(["PromiseRedated"]);
  await fake.anchor(undefined, metered());
  for (let round = 0; round < 2; round += 1) expect(await witness.look()).toEqual(["PromiseRedated"]);
});

it("a gateway that is admitted later is watched from then on", async () => {
  const chain = space.founded.space;
  const every = await createGatewayFinder(chain, []);
  const hospital = await createGatewayFinder(chain, [{ name: "DEMO-HOS-0001" }]);
  const named = await createGatewayFinder(chain, [{ name: "DEMO-HOS-0001/1", url: "http://127.0.0.1:1" }]);
  expect(await named()).toEqual([{ gateway: space.founded.id("gateway"), url: "http://127.0.0.1:1" }]);
  for (const find of [every, hospital]) expect(await find()).not.toEqual([]);
  const { fake } = await meet();
  for (const find of [every, hospital])
    expect(await find()).toContainEqual(expect.objectContaining({ gateway: fake.id }));
  expect(await named()).toHaveLength(1);
});

describe("what nobody signed", () => {
  it("a wrong answer accuses nobody, and is over once somebody looked", async () => {
    const { fake, watch } = await meet();
    const witness = watch({ overdueSeconds: 600 });
    fake.heads = () => ({ appended: 9e15, anchored: { size: 1, root: bytes32("false"), block: 1 } });
    await fake.anchor(branch("a"));
    fake.entries.push(...branch("a"));
    await witness.look();
    fake.heads = (honest) => honest;
    await pass(space.founded.space, 601);
    expect(await witness.look()).toEqual(["HeadContradicted", "HeadForked", "LogShortened"]);
    // its own key has signed that head
    expect(witness.accused()).toEqual(["HeadForked"]);
    expect(acknowledge(witness)).toBe(3);
    expect(await witness.look()).toEqual(["HeadForked"]);
  });
});

it("a gateway that anchors and shows no head that it signed, or another's, is told of and not accused", async () => {
  const { fake, hand, watch } = await meet();
  const { fake: other } = await meet();
  const witness = watch({ overdueSeconds: 600 });
  fake.signs = false;
  expect(await witness.look()).toEqual([]);
  await pass(space.founded.space, 601);
  // nothing is on chain yet
  expect(await witness.look()).toEqual([]);
  await fake.anchor(branch("a"));
  fake.entries.push(...branch("a"));
  expect(await witness.look()).toEqual([]);
  await pass(space.founded.space, 601);
  expect(await witness.look()).toEqual(["CheckpointMissing"]);
  hand("own.note", fake.checkpoint(fake.entries));
  expect(await witness.look()).toEqual(["CheckpointMissing"]);
  fake.checkpointServed = () => other.checkpoint(branch("a"));
  fake.signs = true;
  expect((await witness.look()).filter((code) => code !== "FileUnreadable")).toEqual(["CheckpointMissing"]);
  fake.checkpointServed = undefined;
  expect(await witness.look()).toEqual([]);
  expect(witness.accused()).toEqual([]);
});

describe("a key that had ended", () => {
  it("signs another branch: told of, and the gateway that had replaced or rotated it is not accused", async () => {
    const chain = space.founded.space;
    const ends = {
      replaced: (fake: FakeGateway) =>
        write(chain, fake.wallet, "AccessLog", "publishNoteKey", [bytes32("another key")]),
      rotated: (fake: FakeGateway) =>
        write(chain, fake.wallet, "ParticipantRegistry", "rotateKey", [Wallet.createRandom().address]),
    };
    for (const end of Object.values(ends)) {
      const { fake, hand, watch } = await meet();
      await fake.anchor(branch("a"));
      fake.entries.push(...branch("a"));
      const witness = watch();
      expect(await witness.look()).toEqual([]);
      await end(fake);
      hand("fork.note", fake.checkpoint(branch("another branch")));
      expect(await witness.look()).toEqual(["HeadDisowned"]);
      expect(await witness.look()).toEqual(["HeadDisowned"]);
      expect(witness.accused()).toEqual([]);
    }
  });

  it("does not wash off what it had signed before, nor turn what was honest into a fork", async () => {
    const { fake, hand, watch } = await meet();
    const [guilty, honest] = [watch(), watch({ folders: [] })];
    await fake.anchor(branch("a"));
    fake.entries.push(...branch("a"));
    expect(await honest.look()).toEqual([]);
    hand("fork.note", fake.checkpoint(branch("another branch")));
    expect(await guilty.look()).toEqual(["HeadForked"]);
    await write(space.founded.space, fake.wallet, "AccessLog", "publishNoteKey", [bytes32("another key")]);
    acknowledge(guilty);
    expect(await guilty.look()).toEqual(["HeadForked"]);
    expect(await honest.look()).toEqual([]);
  });

  it("forges a head of the size of an honest one that is not final yet: neither is accused", async () => {
    const { fake, hand, watch } = await meet();
    const witness = watch();
    hand("own.note", fake.checkpoint(branch("a")));
    expect(await witness.look()).toEqual([]);
    await write(space.founded.space, fake.wallet, "AccessLog", "publishNoteKey", [bytes32("another key")]);
    hand("forged.note", fake.checkpoint(branch("another branch")));
    expect(await witness.look()).toEqual([]);
    await fake.anchor(branch("a"));
    fake.entries.push(...branch("a"));
    expect(await witness.look()).toEqual(["HeadDisowned"]);
  });
});

it("pipes, devices and what is too large for a checkpoint are passed over", async () => {
  const folder = makeFolder("heard");
  execFileSync("mkfifo", [join(folder, "pipe.json")]);
  symlinkSync("/dev/zero", join(folder, "zero.note"));
  writeFileSync(join(folder, "large.note"), "x".repeat(100_000));
  const held = await createHeldReader([folder])();
  expect({ ...held, unreadable: held.unreadable.length }).toEqual({ receipts: [], notes: [], unreadable: 3 });
});
