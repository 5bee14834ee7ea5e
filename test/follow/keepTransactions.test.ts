import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCreateAddress, Wallet } from "ethers";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createProvider } from "../../server/chain/provider.ts";
import { transact } from "../../server/chain/transact.ts";
import { type AnvilEngine, embeddedChainId, startAnvil } from "../../server/engines/anvil.ts";
import { type Keeper, keepTransactions } from "../../server/follow/keepTransactions.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

/** Creates a contract whose code is one byte. */
const creation = "0x600160005360016000f3";

let folder: string;
let chain: AnvilEngine;
let store: TestDatabase;
let keeper: Keeper | undefined;
let warnings: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "datapact-follow-"));
  chmodSync(folder, 0o711);
  chain = await startAnvil(folder, () => undefined);
  store = await createDatabase();
  warnings = [];
  keeper = await keep();
});
afterEach(async () => {
  await keeper?.stop();
  await chain.stop();
  await store.drop();
  rmSync(folder, { recursive: true, force: true });
});

const keep = (): Promise<Keeper> =>
  keepTransactions(chain.url, embeddedChainId, store.url, (message) => warnings.push(message));

async function kept(): Promise<string[]> {
  const client = new pg.Client({ connectionString: store.url });
  await client.connect();
  const { rows } = await client.query<{ hash: string }>(
    "SELECT hash FROM datapact.chain_transaction ORDER BY position",
  );
  await client.end();
  return rows.map(({ hash }) => hash);
}

type Sent = { readonly hash: string; readonly address: string | null };

async function send(wallet: Wallet, count: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let i = 0; i < count; i += 1) {
    const { hash, contractAddress } = await transact(wallet, null, creation);
    sent.push({ hash, address: contractAddress });
  }
  return sent;
}

/** All of them are on chain, at the addresses and in the order that they had. */
async function expectAll(sent: readonly Sent[]): Promise<void> {
  const provider = createProvider(chain.url, embeddedChainId);
  try {
    await expect
      .poll(async () => (await provider.getTransactionReceipt(sent.at(-1)?.hash ?? "").catch(() => null))?.status, {
        timeout: 15_000,
      })
      .toBe(1);
    let block = 0;
    for (const { hash, address } of sent) {
      const receipt = await provider.getTransactionReceipt(hash);
      expect(receipt?.status).toBe(1);
      expect(receipt?.contractAddress).toBe(address);
      expect(receipt?.blockNumber).toBeGreaterThan(block);
      block = receipt?.blockNumber ?? 0;
      expect(await provider.getCode(address ?? "")).not.toBe("0x");
    }
  } finally {
    provider.destroy();
  }
}

const newWallet = (): Wallet =>
  new Wallet(Wallet.createRandom().privateKey, createProvider(chain.url, embeddedChainId));

it("gives the chain back, after kill -9, every transaction that was just mined", async () => {
  const wallet = newWallet();
  const sent = await send(wallet, 8);
  await expect.poll(kept, { timeout: 5_000, interval: 10 }).toEqual(sent.map(({ hash }) => hash));
  process.kill(chain.pid() ?? 0, "SIGKILL");
  await expectAll(sent);
  expect(sent.map(({ address }) => address)).toEqual(
    sent.map((_, nonce) => getCreateAddress({ from: wallet.address, nonce })),
  );
  const more = await send(wallet, 2);
  await expectAll([...sent, ...more]);
  await expect.poll(kept, { timeout: 5_000 }).toEqual([...sent, ...more].map(({ hash }) => hash));
  wallet.provider?.destroy();
});

it("gives back what was lost while nobody watched, before it does anything else", async () => {
  const wallet = newWallet();
  const sent = await send(wallet, 4);
  await expect.poll(kept, { timeout: 5_000, interval: 10 }).toHaveLength(4);
  await keeper?.stop();
  keeper = undefined;
  const pid = chain.pid();
  process.kill(pid ?? 0, "SIGKILL");
  await expect
    .poll(() => wallet.provider?.getBlockNumber().catch(() => -1), { timeout: 10_000 })
    .toBeGreaterThanOrEqual(0);
  keeper = await keep();
  await expectAll(sent);
  wallet.provider?.destroy();
});

it("is not troubled by a chain that lost nothing", async () => {
  const wallet = newWallet();
  const sent = await send(wallet, 3);
  await keeper?.stop();
  expect(await kept()).toEqual(sent.map(({ hash }) => hash));
  keeper = await keep();
  expect(warnings).toEqual([]);
  expect(await kept()).toHaveLength(3);
  wallet.provider?.destroy();
});
