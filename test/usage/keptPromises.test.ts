import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { resetClock, shiftClock } from "../support/clock.ts";
import { createDatabase } from "../support/postgres.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { anchorsOnce, ask, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let node: RpcProxy;
let agreement: AgreementId;
/** The store whose journal is the log on chain. */
let storeUrl: string;

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  agreement = await space.conclude();
});
const started: Gateway[] = [];
const start: TestSpace["startGateway"] = async (...settings) => {
  const gateway = await space.startGateway(...settings);
  started.push(gateway);
  return gateway;
};
afterEach(async () => {
  node.refuse();
  resetClock();
  await Promise.all(started.splice(0).map((gateway) => gateway.stop()));
});
afterAll(async () => {
  await node.stop();
  await space.stop();
});

type Log = { readonly appended: number; readonly anchored: { readonly size: number; readonly root: string } | null };
const logOf = async ({ url }: Gateway): Promise<Log> => (await (await fetch(`${url}/v1/log`)).json()) as Log;
const reason = async (gateway: Gateway, id = agreement): Promise<string | undefined> =>
  reasonOf(await ask(space, gateway, id));

const isAllAnchored = async (gateway: Gateway): Promise<boolean> => {
  const { appended, anchored } = await logOf(gateway);
  return anchored?.size === appended;
};

/** On a fresh log: must come first in this file. */
it("twoGatewaysOneKey, each with a store of its own: only one of them may go on, and the chain has one log", async () => {
  const database = await createDatabase();
  const one = await start();
  const other = await start({}, { storeUrl: database.url });
  await Promise.allSettled([ask(space, one, agreement), ask(space, other, agreement)]);
  const goesOn = (gateway: Gateway): Promise<boolean> =>
    reason(gateway).then(
      (found) => found === undefined,
      () => false,
    );
  await expect.poll(async () => (await Promise.all([goesOn(one), goesOn(other)])).filter(Boolean).length).toBe(1);
  const [winner, loser] = (await goesOn(one)) ? [one, other] : [other, one];
  storeUrl = winner === one ? space.engines.storeUrl : database.url;
  await expect(ask(space, loser, agreement)).rejects.toMatchObject({ status: 503 });
  await expect.poll(() => isAllAnchored(winner)).toBe(true);
});

it("lastUse under 200 parallel requests is used once, and stays used over a restart and a clock that goes back a day", async () => {
  const scarce = await space.conclude({ maxUses: 1n });
  const first = await start(anchorsOnce, { storeUrl });
  const reasons = await Promise.all(Array.from({ length: 200 }, () => reason(first, scarce)));
  expect(reasons.filter((found) => found === undefined)).toHaveLength(1);
  expect(reasons.filter((found) => found === "UsesExhausted")).toHaveLength(199);
  await first.stop();
  const second = await start(anchorsOnce, { storeUrl });
  expect(await reason(second, scarce)).toBe("UsesExhausted");
  shiftClock(-86_400);
  expect(["UsesExhausted", "ChainBehind"]).toContain(await reason(second, scarce));
  resetClock();
  expect(await reason(second, scarce)).toBe("UsesExhausted");
});

describe("a client that goes away", () => {
  it.each([0, 50, 99])("after %i % of its request leaves no entry", async (percent) => {
    const gateway = await start({}, { storeUrl });
    expect(await reason(gateway)).toBeUndefined(); // with it goes the entry of the changed settings
    const { appended } = await logOf(gateway);
    const { hostname, port } = new URL(gateway.url);
    const body = JSON.stringify(sign(space, gateway, agreement));
    const head = `POST /v1/usage HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const whole = head + body;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(whole.slice(0, (whole.length * percent) / 100), () => socket.destroy());
      });
      socket.once("close", () => resolve());
    });
    expect(await reason(gateway)).toBeUndefined();
    expect((await logOf(gateway)).appended).toBe(appended + 1);
  });

  it("before its answer has an entry all the same, and has used its use", async () => {
    const gateway = await start({}, { storeUrl });
    const scarce = await space.conclude({ maxUses: 1n });
    const signed = sign(space, gateway, scarce);
    const { appended } = await logOf(gateway);
    const request = httpRequest(`${gateway.url}/v1/usage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    request.on("error", () => undefined);
    request.end(JSON.stringify(signed), () => setTimeout(() => request.destroy(), 2));
    await expect.poll(async () => (await logOf(gateway)).appended).toBe(appended + 1);
    expect(await reason(gateway, scarce)).toBe("UsesExhausted");
    expect(reasonOf(await createClient(gateway.url).use(signed))).toBe("RequestReplayed");
  });
});

it("chainThatTakesNothing: serving stops before a promised deadline can break, and all is anchored in order once it takes again", async () => {
  const gateway = await start({ DATAPACT_PROMISE_SECONDS: "60" }, { storeUrl, chainUrl: node.url });
  await expect.poll(() => isAllAnchored(gateway)).toBe(true);
  node.refuse("eth_sendRawTransaction");
  const { receipt } = await ask(space, gateway, agreement);
  expect(receipt.deadline - receipt.issuedAt).toBe(60);
  shiftClock(31);
  expect(await reason(gateway)).toBe("AnchorOverdue");
  // which everybody may see
  const late = await createClient(gateway.url).log();
  expect(late.promiseSeconds).toBe(60);
  expect(late.oldestWait).toBeGreaterThanOrEqual(31);
  shiftClock(46);
  const { appended } = await logOf(gateway);
  await expect(ask(space, gateway, agreement)).rejects.toMatchObject({ status: 503, code: "JournalUnavailable" });
  expect((await logOf(gateway)).appended).toBe(appended);
  node.refuse();
  await expect.poll(() => isAllAnchored(gateway)).toBe(true);
  expect(await reason(gateway)).toBeUndefined();
});

describe("a key that was rotated on chain", () => {
  it("of the consumer: the old one is refused from that block on, the new one is served", async () => {
    const gateway = await start({}, { storeUrl });
    const { founded } = space;
    expect(await reason(gateway)).toBeUndefined();
    const rotated = new Wallet(Wallet.createRandom().privateKey);
    await write(founded.space, founded.wallet("device-maker"), "ParticipantRegistry", "rotateKey", [rotated.address]);
    expect(await reason(gateway)).toBe("SignerUnknown");
    const wallet = (key: string): Wallet => (key === "device-maker" ? rotated : founded.wallet(key));
    const answer = await ask({ ...space, founded: { ...founded, wallet } }, gateway, agreement);
    expect(reasonOf(answer)).toBeUndefined();
  });

  it("of the gateway: under the old one nothing is answered or recorded any more", async () => {
    const gateway = await start({}, { storeUrl });
    const { founded } = space;
    await write(founded.space, founded.wallet("gateway"), "ParticipantRegistry", "rotateKey", [
      Wallet.createRandom().address,
    ]);
    await expect
      .poll(() =>
        reason(gateway).then(
          () => 200,
          ({ status }) => status,
        ),
      )
      .toBe(503);
    const { appended } = await logOf(gateway);
    await expect(ask(space, gateway, agreement)).rejects.toMatchObject({ code: "JournalUnavailable" });
    expect((await logOf(gateway)).appended).toBe(appended);
    await gateway.stop();
    await expect(start({}, { storeUrl })).rejects.toThrow(/key does not act for this gateway any more/);
  });
});
