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
  await new Promise((resolve) => setTimeout(resolve, 100));
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
  await new Promise((resolve) => setTimeout(resolve, 100));
  await chain.mine(1);
  await expect.poll(() => told.heads).toBe(before + 2);
});

it("says nothing more once it is stopped", async () => {
  subscription?.stop();
  const before = told.heads;
  await chain.mine(2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(told.heads).toBe(before);
});
