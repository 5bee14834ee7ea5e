import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { UsageAnswer } from "../../server/api/usage.ts";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { type Fault, faults, type RpcProxy, staleHead, startRpcProxy } from "../support/rpcProxy.ts";
import { anchorsOnce, ask, countAll, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let node: RpcProxy;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  gateway = await space.startGateway(anchorsOnce, { chainUrl: node.url });
  agreement = await space.conclude();
});
afterEach(() => node.misbehave(undefined));
afterAll(async () => {
  await node.stop();
  await space.stop();
});

/** A refusal because of the chain: an entry that says so, and nothing of the data. */
function expectNothingReleased(answer: UsageAnswer, reason = "ChainUnavailable"): void {
  expect(answer).not.toHaveProperty("result");
  expect(reasonOf(answer)).toBe(reason);
  expect(answer.entry).toMatchObject({ outcome: "Failed", reason, result: null });
}

const appended = async (): Promise<number> => {
  const log = (await (await fetch(`${gateway.url}/v1/log`)).json()) as { appended: number };
  return log.appended;
};

const readiness = async (): Promise<number> => (await fetch(`${gateway.url}/readyz`)).status;

const { hang, ...quick } = faults;
const methods = ["eth_getBlockByNumber", "eth_call"] as const;

describe("a node that fails never gets a result out", () => {
  it("while it is honest, there is one", async () => {
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });

  it.each(Object.entries(quick) as [string, Fault][])("%s", async (_name, fault) => {
    for (const method of methods) {
      const before = await appended();
      node.misbehave(fault, [method]);
      expectNothingReleased(await ask(space, gateway, agreement));
      node.misbehave(undefined);
      expect(await appended()).toBeGreaterThan(before);
      await write(space.founded.space, space.founded.wallet("device-maker"), "AgreementRegistry", "suspend", [
        agreement,
        "",
      ]);
      await write(space.founded.space, space.founded.wallet("device-maker"), "AgreementRegistry", "reinstate", [
        agreement,
      ]);
    }
  });

  it("hanging, it is given up in time, and whoever asks at once is refused together", async () => {
    node.misbehave(hang);
    const started = Date.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(space, gateway, agreement)));
    for (const answer of answers) expectNothingReleased(answer);
    expect(Date.now() - started).toBeLessThan(14_000);
  });

  it("serves again as soon as it is honest", async () => {
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });
});

describe("a node that fails when the terms are read for the first time", () => {
  it.each(["html", "emptyArray", "wrongId", "error", "null", "zeros"] as const)("%s", async (name) => {
    const fresh = await space.conclude();
    node.misbehave(faults[name], ["eth_getLogs"]);
    const answer = await ask(space, gateway, fresh);
    expect(answer).not.toHaveProperty("result");
    expect(["ChainUnavailable", "DatasetChanged"]).toContain(reasonOf(answer));
    node.misbehave(undefined);
    expect(await ask(space, gateway, fresh)).toHaveProperty("result");
  });
});

describe("a node that lies", () => {
  it("shows an old head: what was stopped since stays stopped", async () => {
    const { space: chain, wallet } = space.founded;
    const old = await chain.send("eth_getBlockByNumber", ["latest", false]);
    await write(chain, wallet("hospital"), "AgreementRegistry", "suspend", [agreement, "test"]);
    expect(reasonOf(await ask(space, gateway, agreement))).toBe("AgreementSuspended");
    node.misbehave(staleHead(old));
    expectNothingReleased(await ask(space, gateway, agreement), "ChainBehind");
    node.misbehave(undefined);
    await write(chain, wallet("hospital"), "AgreementRegistry", "reinstate", [agreement]);
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });

  it("shows a head that it cannot answer about", async () => {
    const head = (await space.founded.space.send("eth_getBlockByNumber", ["latest", false])) as Record<string, unknown>;
    node.misbehave(staleHead({ ...head, hash: `0x${"12".repeat(32)}`, number: "0xffff00" }));
    expectNothingReleased(await ask(space, gateway, agreement));
  });
});

describe("a node that lies about the log", () => {
  it.each([
    ["zeros", "the gateway's key acts no more"],
    ["ones", "the log is another one"],
  ] as const)("%s: as if %s: nothing is promised until it is honest", async (name, _told) => {
    await gateway.stop();
    gateway = await space.startGateway({}, { chainUrl: node.url });
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
    node.misbehave(faults[name], ["eth_call"]);
    const refused = (): Promise<unknown> =>
      ask(space, gateway, agreement).then(expectNothingReleased, (error) => error);
    await expect.poll(refused).toMatchObject({ status: 503, code: "JournalUnavailable" });
    const before = await appended();
    expect(await refused()).toMatchObject({ status: 503 });
    expect(await appended()).toBe(before);
    node.misbehave(undefined);
    await expect.poll(readiness).toBe(200);
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });
});

describe("what else a use stands on", () => {
  it("hospital's database down: one constant body, an entry, no data", async () => {
    await gateway.stop();
    const url = new URL(space.engines.hospitalUrl);
    url.port = "1";
    gateway = await space.startGateway({}, { hospitalUrl: url.href });
    const statements = [
      countAll,
      "SELECT sex, count(*) FROM newborns GROUP BY sex",
      `${countAll} WHERE birth_weight_g > 9`,
    ];
    const answers = await Promise.all(statements.map((statement) => ask(space, gateway, agreement, { statement })));
    const told = answers.map(({ entry: _entry, receipt: _receipt, ...rest }) => rest);
    for (const one of told) expect(one).toEqual(told[0]);
    expect(told[0]).toMatchObject({ code: "QueryFailed", title: "The query could not be answered." });
    expect(JSON.stringify(told[0])).not.toMatch(/ECONN|127\.0\.0\.1|postgres/);
    for (const { entry } of answers)
      expect(entry).toMatchObject({ outcome: "Failed", reason: "QueryFailed", result: null });
    expect(await readiness()).toBe(503);
    await gateway.stop();
  });
});
