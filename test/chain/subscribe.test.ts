import { afterAll, beforeAll, expect, it } from "vitest";
import { type Subscription, subscribeHeads } from "../../server/chain/subscribe.ts";
import { type FeeChain, startFeeChain } from "../support/feeChain.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

let chain: FeeChain;
let wire: TcpProxy;
let subscription: Subscription | undefined;
const told = { heads: 0, warnings: [] as string[] };

beforeAll(async () => {
  chain = await startFeeChain();
  wire = await startTcpProxy(chain.url);
  const url = wire.url.replace(/^http/, "ws");
  subscription = subscribeHeads(
    url,
    () => {
      told.heads += 1;
    },
    (text) => told.warnings.push(text),
  );
});
afterAll(async () => {
  subscription?.stop();
  await wire.stop();
  await chain.stop();
});

it("tells of each new head, and once at the beginning", async () => {
  await expect.poll(() => told.heads).toBe(1);
  await chain.mine(1);
  await expect.poll(() => told.heads).toBe(2);
  await chain.mine(1);
  await expect.poll(() => told.heads).toBe(3);
});

it("connects again when the connection is lost, and tells, since heads may have been missed", async () => {
  wire.setDown(true);
  await chain.mine(1);
  await expect.poll(() => told.warnings.length).toBeGreaterThan(0);
  const before = told.heads;
  wire.setDown(false);
  await expect.poll(() => told.heads).toBe(before + 1);
  await chain.mine(1);
  await expect.poll(() => told.heads).toBe(before + 2);
});

/** Subscribes on a wire of its own, on which answers are passed on as `pass` says. */
async function subscribeThrough(pass: (answer: Buffer, heads: number) => Buffer) {
  const own = { heads: 0, warnings: [] as string[] };
  const through = await startTcpProxy(chain.url);
  through.alterAnswers((answer) => pass(answer, own.heads));
  const url = through.url.replace(/^http/, "ws");
  const made = subscribeHeads(
    url,
    () => {
      own.heads += 1;
    },
    (text) => own.warnings.push(text),
  );
  const stop = (): Promise<void> => {
    made.stop();
    return through.stop();
  };
  return { own, stop };
}

it("tells only once the node has taken it: nobody would tell of what is mined between", async () => {
  const before: number[] = [];
  const { own, stop } = await subscribeThrough((answer, heads) => {
    before.push(heads);
    return answer;
  });
  await expect.poll(() => own.heads).toBe(1);
  // the handshake, and the answer to the subscription
  expect(before).toEqual([0, 0]);
  await stop();
});

it("says that a node takes none", async () => {
  const refusal = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32_601, message: "no" } }));
  const frame = Buffer.concat([Buffer.of(0x81, refusal.length), refusal]);
  const { own, stop } = await subscribeThrough((answer) => (answer.includes(" 101 ") ? answer : frame));
  await expect.poll(() => own.warnings.join()).toMatch(/ended \(the node takes none\)/);
  expect(own.heads).toBe(0);
  await stop();
});

it("says nothing more once it is stopped", async () => {
  subscription?.stop();
  const before = told.heads;
  await chain.mine(2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(told.heads).toBe(before);
});
