import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { createDatapact, type Datapact } from "../support/cli.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";
import { createTestConsumer } from "../zoo/consumer.ts";
import { type FakeGateway, startFakeGateway } from "../zoo/fakeGateway.ts";

let space: TestSpace;
let gateway: Gateway;
let fake: FakeGateway;
let agreement: AgreementId;
let datapact: Datapact;
const children: ChildProcess[] = [];

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  fake = await startFakeGateway(space);
  agreement = await space.conclude();
  datapact = createDatapact(space, gateway);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await fake.stop();
  await space.stop();
});

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it("names a hospital's gateways on chain, says what it does, and ends with 0 while nothing stands", async () => {
  const run = await datapact(
    "watch",
    "--once",
    "--gateway",
    `DEMO-HOS-0001/1=${gateway.url}`,
    "--state",
    join(space.home.folder, "w1"),
  );
  expect(run).toMatchObject({ code: 0, out: "" });
  expect(run.error).toMatch(/round 1: block \d+, nothing stands/);
  const unknown = await datapact("watch", "--once", "--gateway", "Nobody");
  expect(unknown.code).toBe(2);
  expect(unknown.error).toMatch(/no hospital or gateway is called "Nobody"/);
});

it("takes its settings from a file, and refuses what stands wrong in it", async () => {
  const file = join(space.home.folder, "watch.json");
  writeFileSync(
    file,
    JSON.stringify({ gateways: [{ name: fake.name, url: fake.url }], state: join(space.home.folder, "w2") }),
  );
  expect((await datapact("watch", "--once", "--config", file)).code).toBe(0);
  writeFileSync(file, JSON.stringify({ gateway: [] }));
  const refused = await datapact("watch", "--once", "--config", file);
  expect(refused.code).toBe(2);
  expect(refused.error).toMatch(/watch\.json cannot be used/);
});

it("ends with 1, writes a line and posts it while an alarm stands, proves it if told to, and lets go when somebody has looked", async () => {
  const posted: Record<string, unknown>[] = [];
  let refusals = 2;
  const hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      refusals -= 1;
      if (refusals < 0) posted.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(refusals < 0 ? 204 : 503).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alarms`;

  const consumer = createTestConsumer(space, fake, agreement);
  await consumer.ask();
  await fake.anchor([`0x${"11".repeat(32)}` as never]);
  const state = join(space.home.folder, "w3");
  const args = [
    "watch",
    "--once",
    "--gateway",
    `${fake.name}=${fake.url}`,
    "--state",
    state,
    "--receipts",
    consumer.folder,
  ];
  const run = await datapact(...args, "--webhook", url);
  expect(run.code).toBe(1);
  const [line] = linesOf(run.out);
  expect(line).toMatchObject({
    level: "alarm",
    code: "PromiseReplaced",
    accuses: true,
    gateway: fake.id,
    subject: "0",
  });
  expect(posted).toContainEqual(line);

  const proven = await datapact(...args, "--challenge", "--as", "insurer");
  expect(linesOf(proven.out)).toContainEqual(
    expect.objectContaining({ level: "proven", fault: "Replaced", gateway: fake.id }),
  );
  const after = await datapact(...args);
  expect(linesOf(after.out).map(({ level, code }) => `${level} ${code}`)).toContain("alarm LogBreached");
  expect((await datapact("watch", "--acknowledge", "--state", state)).out).toMatch(/alarms are let go/);
  hook.close();
});

it("an old copy of its own state is noticed", async () => {
  const state = join(space.home.folder, "w4");
  const args = ["watch", "--once", "--gateway", `DEMO-HOS-0001/1=${gateway.url}`, "--state", state];
  expect((await datapact(...args)).code).toBe(0);
  cpSync(state, `${state}.copy`, { recursive: true });
  expect((await datapact(...args)).code).toBe(0);
  cpSync(`${state}.copy`, state, { recursive: true });
  const run = await datapact(...args);
  expect(run.code).toBe(1);
  expect(linesOf(run.out)).toMatchObject([{ code: "StateOutdated" }]);
});

it("runs once only over a folder, goes on after it was killed, and ends when it is told to", async () => {
  const state = join(space.home.folder, "w5");
  mkdirSync(state);
  const args = ["watch", "--every", "1", "--gateway", `DEMO-HOS-0001/1=${gateway.url}`, "--state", state];
  const start = async (): Promise<{ child: ChildProcess; text: () => string }> => {
    let text = "";
    const script = join(import.meta.dirname, "../../scripts/cli/main.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
      env: {
        PATH: process.env.PATH,
        DATAPACT_HOME: space.home.folder,
        DATAPACT_CHAIN_URL: space.engines.chainUrl,
        DATAPACT_MANIFEST: space.home.manifest,
      },
    });
    children.push(child);
    child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await expect.poll(() => text).toMatch(/round \d+: block/);
    return { child, text: () => text };
  };
  const first = await start();
  const second = await datapact(...args, "--once");
  expect(second.code).toBe(2);
  expect(second.error).toMatch(`process ${first.child.pid} watches with ${state} already`);
  const ended = new Promise((resolve) => first.child.once("exit", resolve));
  first.child.kill("SIGKILL");
  await ended;
  const rounds = Number(/round (\d+)/g.exec(first.text())?.[1]);
  const again = await start();
  expect(Number(/round (\d+)/.exec(again.text())?.[1])).toBeGreaterThan(rounds);
  const code = new Promise((resolve) => again.child.once("exit", resolve));
  again.child.kill("SIGTERM");
  expect(await code).toBe(0);
});
