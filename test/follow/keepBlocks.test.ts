import { chmodSync, copyFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRpcProvider, Wallet } from "ethers";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createProvider } from "../../server/chain/provider.ts";
import { transact } from "../../server/chain/transact.ts";
import { type AnvilEngine, embeddedChainId, startAnvil } from "../../server/engines/anvil.ts";
import { type Keeper, keepBlocks } from "../../server/follow/keepBlocks.ts";
import { createPutBack } from "../../server/follow/putBack.ts";
import { makeFolder } from "../support/folder.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

/** Creates a contract whose code is one byte. */
const creation = "0x600160005360016000f3";

let folder: string;
let chain: AnvilEngine;
let provider: JsonRpcProvider;
let store: TestDatabase;
let keeper: Keeper | undefined;
let warnings: string[];
const warn = (message: string): void => void warnings.push(message);

beforeEach(async () => {
  folder = makeFolder("follow");
  chmodSync(folder, 0o711);
  warnings = [];
  store = await createDatabase();
  await start();
  keeper = await keep();
});
afterEach(async () => {
  await keeper?.stop();
  await stop();
  await store.drop();
});

async function start(): Promise<void> {
  chain = await startAnvil(folder, warn, createPutBack(store.url, embeddedChainId, warn));
  provider = createProvider(chain.url, embeddedChainId);
}
async function stop(): Promise<void> {
  provider.destroy();
  await chain.stop();
}
const keep = (): Promise<Keeper> => keepBlocks(chain.url, embeddedChainId, store.url, warn);

/** All blocks as the chain shows them but the first, of which each start makes another. */
async function blocks(): Promise<{ readonly hash: string; readonly transactions: readonly string[] }[]> {
  const newest = await provider.getBlockNumber();
  return Promise.all(
    Array.from({ length: newest }, (_, before) =>
      provider.send("eth_getBlockByNumber", [`0x${(before + 1).toString(16)}`, false]),
    ),
  );
}

async function untilKept(number: number): Promise<void> {
  const client = new pg.Client({ connectionString: store.url });
  await client.connect();
  const newest = async (): Promise<number> =>
    Number((await client.query("SELECT max(number) AS newest FROM datapact.kept_block")).rows[0].newest);
  await expect.poll(newest, { interval: 10 }).toBe(number);
  await client.end();
}

async function send(wallet: Wallet, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await transact(wallet, null, creation);
}

async function crash(): Promise<void> {
  const pid = chain.pid() ?? 0;
  process.kill(pid, "SIGKILL");
  await expect.poll(chain.pid).not.toBe(pid);
  await expect.poll(() => provider.getBlockNumber().catch(() => -1)).toBeGreaterThanOrEqual(0);
}

const newWallet = (): Wallet => new Wallet(Wallet.createRandom().privateKey, provider);

it("kill -9: every block that was kept is there again, the very same, and the chain goes on", async () => {
  const wallet = newWallet();
  await send(wallet, 12);
  await untilKept(12);
  const before = await blocks();
  await crash();
  expect(await blocks()).toEqual(before);
  await send(wallet, 2);
  await untilKept(14);
  const more = await blocks();
  await crash();
  expect(await blocks()).toEqual(more);
  expect(warnings.filter((text) => /come|shows/.test(text))).toEqual([]);
});

it("blocks of several transactions, of none, and of the same second come back as they were", async () => {
  const [one, two] = [newWallet(), newWallet()];
  const fields = { to: one.address, chainId: embeddedChainId, gasLimit: 21_000, gasPrice: 0, type: 0 } as const;
  await provider.send("evm_setAutomine", [false]);
  for (const [wallet, nonce] of [
    [two, 0],
    [one, 0],
    [one, 1],
    [two, 1],
  ] as const)
    await provider.send("eth_sendRawTransaction", [await wallet.signTransaction({ ...fields, nonce })]);
  for (let i = 0; i < 3; i += 1) await provider.send("evm_mine", []);
  await untilKept(3);
  const before = await blocks();
  expect(before.map(({ transactions }) => transactions.length)).toEqual([4, 0, 0]);
  await crash();
  expect(await blocks()).toEqual(before);
});

it("a state that is cut, and a copy of long ago: all blocks since then come back", async () => {
  const state = join(folder, "chain.json");
  const wallet = newWallet();
  await send(wallet, 3);
  await keeper?.stop();
  await stop();
  copyFileSync(state, join(folder, "old"));
  await start();
  keeper = await keep();
  await send(new Wallet(wallet.privateKey, provider), 5);
  await untilKept(8);
  const before = await blocks();
  await keeper.stop();
  await stop();
  copyFileSync(join(folder, "old"), `${state}.whole`);
  truncateSync(state, 1_000);
  await start();
  expect(await blocks()).toEqual(before);
  expect(warnings).toContain("the chain's state file was damaged; its last whole copy is used");
  expect(warnings).toContain("the chain has lost its newest blocks, and gets them back: 4 to 8");
  keeper = await keep();
});

it("a chain that is another one keeps every transaction, and the keeper follows it", async () => {
  const wallet = newWallet();
  await send(wallet, 3);
  await untilKept(3);
  const before = await blocks();
  await keeper?.stop();
  keeper = undefined;
  await stop();
  for (const name of ["chain.json", "chain.json.whole"]) rmSync(join(folder, name));
  // its first block bears the second in which it was made
  await sleep(1_100);
  await start();
  const now = await blocks();
  expect(now.map(({ transactions }) => transactions)).toEqual(before.map(({ transactions }) => transactions));
  expect(now.map(({ hash }) => hash)).not.toEqual(before.map(({ hash }) => hash));
  keeper = await keep();
  expect(warnings.join("\n")).toMatch(
    /block 1 came back as another one[\s\S]*shows other blocks than before from 0 on/,
  );
  await crash();
  expect(await blocks()).toEqual(now);
});

it("is not troubled by a chain that lost nothing", async () => {
  await send(newWallet(), 3);
  const before = await blocks();
  await keeper?.stop();
  for (let starts = 0; starts < 3; starts += 1) {
    await stop();
    await sleep(1_100);
    await start();
  }
  expect(await blocks()).toEqual(before);
  keeper = await keep();
  expect(warnings).toEqual([]);
  await crash();
  expect(await blocks()).toEqual(before);
  expect(warnings.join()).not.toMatch(/damaged|lost/);
});
