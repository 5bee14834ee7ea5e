import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeCall } from "../../server/chain/encode.ts";
import { transact } from "../../server/chain/transact.ts";
import { write } from "../../server/chain/write.ts";
import type { EntryDigest } from "../../server/domain/ids.ts";
import { AnswerTooLarge, createBoundedFetch } from "../../server/witness/bounded.ts";
import { createWebhook } from "../../server/witness/webhook.ts";
import { bytes32 } from "../support/evidence.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { type FakeGateway, startFakeGateway } from "../zoo/fakeGateway.ts";
import { createTestWitness } from "./testWitness.ts";

let space: TestSpace;
const fakes: FakeGateway[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  space = await startTestSpace();
});
afterAll(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  for (const server of servers) server.close();
  await space.stop();
});

async function meet(): Promise<FakeGateway> {
  const fake = await startFakeGateway(space);
  fakes.push(fake);
  return fake;
}

const [first, second] = [bytes32<EntryDigest>("first"), bytes32<EntryDigest>("second")];
const send = (method: string, ...params: unknown[]): Promise<unknown> => space.founded.space.send(method, params);

describe("a chain that went back", () => {
  it("and has the same entries again accuses nobody: they are missed, and then back", async () => {
    const fake = await meet();
    const witness = createTestWitness(space, [{ id: fake.id }]);
    expect(await witness.look()).toEqual([]);
    const snapshot = await send("evm_snapshot");
    await fake.anchor([first, second]);
    expect(await witness.look()).toEqual([]);
    await send("evm_revert", snapshot);
    expect(await witness.look()).toEqual(["ChainBehind", "EntriesLost"]);
    await fake.anchor([first]);
    await fake.anchor([first, second]);
    await send("evm_mine");
    expect(await witness.look()).toEqual([]);
    expect(witness.accused()).toEqual([]);
  });

  it("under a block that counted as final is told of until somebody looked", async () => {
    const fake = await meet();
    const witness = createTestWitness(space, [{ id: fake.id }]);
    const snapshot = await send("evm_snapshot");
    await send("evm_mine");
    expect(await witness.look()).toEqual([]);
    await send("evm_revert", snapshot);
    await send("evm_increaseTime", 5);
    await send("evm_mine");
    await send("evm_mine");
    expect(await witness.look()).toEqual(["ChainWentBack"]);
    expect(await witness.look()).toEqual(["ChainWentBack"]);
    expect(witness.accused()).toEqual([]);
  });

  it("and has other entries where some were before: the gateway rewrote its log", async () => {
    const fake = await meet();
    const witness = createTestWitness(space, [{ id: fake.id }]);
    const snapshot = await send("evm_snapshot");
    await fake.anchor([first]);
    expect(await witness.look()).toEqual([]);
    await send("evm_revert", snapshot);
    await send("evm_mine");
    await fake.anchor([second]);
    await send("evm_mine");
    expect(await witness.look()).toContain("LogRewritten");
    expect(await witness.look()).toContain("LogRewritten");
  });
});

it("a batch that goes through a contract, which hides its digests, is told of", async () => {
  const fake = await meet();
  const chain = space.founded.space;
  const target = chain.manifest.contracts.AccessLog.address;
  // passes on whatever it is called with, and fails if that fails
  const runtime = `365f5f375f5f365f5f73${target.slice(2)}5af115602557005b5f5ffd`;
  const sender = fake.wallet.connect(chain.provider);
  const deployed = await transact(sender, null, `0x6029600a5f3960295ff3${runtime}`);
  await write(chain, fake.wallet, "ParticipantRegistry", "rotateKey", [deployed.contractAddress]);
  await transact(sender, deployed.contractAddress, encodeCall("AccessLog", "append", [0, [first], []]));
  expect((await chain.reader.log(fake.id, (await chain.readHead()).hash)).size).toBe(1);
  const witness = createTestWitness(space, [{ id: fake.id }]);
  expect(await witness.look()).toEqual(["EntriesHidden"]);
  expect(witness.accused()).toEqual(["EntriesHidden"]);
});

async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("what is asked of strangers", () => {
  it("is given up when it is too large, and is never led elsewhere", async () => {
    const large = await serve((_request, response) => response.end(Buffer.alloc(100_000)));
    await expect(createBoundedFetch(50_000)(large)).rejects.toThrow(AnswerTooLarge);
    expect((await (await createBoundedFetch(100_000)(large)).arrayBuffer()).byteLength).toBe(100_000);
    let inner = 0;
    const secret = await serve((_request, response) => {
      inner += 1;
      response.end("secret");
    });
    const redirecting = await serve((_request, response) => response.writeHead(307, { location: secret }).end());
    await expect(createBoundedFetch(100)(redirecting)).rejects.toThrow();
    const warnings: string[] = [];
    const webhook = createWebhook(redirecting, (text) => warnings.push(text), 1);
    webhook.post({ code: "GatewaySilent" });
    await webhook.settle(120_000);
    expect(inner).toBe(0);
    expect(warnings).toEqual(["the webhook took an alarm in none of 6 tries; it stands in the log only"]);
  });
});
