import { setTimeout as sleep } from "node:timers/promises";
import { Transaction, Wallet } from "ethers";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOutbox, type Outbox, type OutboxOptions } from "../../server/chain/outbox.ts";
import { broadcast, estimateGas, networkFees, signCall } from "../../server/chain/transact.ts";
import type { Address, Hash, Hex } from "../../server/domain/ids.ts";
import { migrate } from "../../server/store/migrate.ts";
import { createOutboxStore, type OutboxStore } from "../../server/store/outboxStore.ts";
import { type FeeChain, startFeeChain } from "../support/feeChain.ts";
import { createDatabase } from "../support/postgres.ts";

const gwei = 10n ** 9n;
/** Counts its calls in slot 0 and reverts if it is called with anything that starts with 0xff. */
const counterCode = "0x60003560f81c60ff14601657600054600101600055005b60006000fd";

let chain: FeeChain;
let pool: pg.Pool;
let store: OutboxStore;
let counter: Address;
let drop: () => Promise<void>;
let stopping: AbortController;
const warnings: string[] = [];

beforeAll(async () => {
  const database = await createDatabase();
  drop = database.drop;
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await migrate(client);
  await client.end();
  pool = new pg.Pool({ connectionString: database.url });
  store = createOutboxStore(pool);
});
afterAll(async () => {
  await pool.end();
  await drop();
});
beforeEach(async () => {
  chain = await startFeeChain();
  counter = `0x${"c0".repeat(20)}` as Address;
  await chain.provider.send("anvil_setCode", [counter, counterCode]);
  await store.clear();
  stopping = new AbortController();
  warnings.length = 0;
});
afterEach(async () => {
  stopping.abort();
  await chain.stop();
});

function outbox(changed: Partial<OutboxOptions> = {}): Outbox {
  return createOutbox({
    wallet: chain.wallet,
    store,
    patienceMs: 1_000,
    mostFee: 1_000n * gwei,
    warn: (text) => warnings.push(text),
    ...changed,
  });
}
const send = (box: Outbox, data: Hex): Promise<void> => box.send(counter, data, stopping.signal);
const calls = async (): Promise<number> => Number(await chain.provider.getStorage(counter, 0));
const pooled = async (): Promise<Transaction[]> => {
  const { pending } = (await chain.provider.send("txpool_content", [])) as {
    pending: Record<string, Record<string, { hash: string }>>;
  };
  const mine = Object.entries(pending).find(([from]) => from.toLowerCase() === chain.wallet.address.toLowerCase());
  const hashes = Object.values(mine?.[1] ?? {}).map(({ hash }) => hash);
  return Promise.all(
    hashes.map(async (hash) => Transaction.from((await chain.provider.getTransaction(hash)) as never)),
  );
};
/** Mines until `settled` is. */
const mineUntil = async (settled: Promise<unknown>): Promise<void> => {
  let done = false;
  const end = (): void => {
    done = true;
  };
  settled.then(end, end);
  while (!done) {
    await chain.mine();
    await sleep(20);
  }
};
const foreign = async (tipTimes: bigint, data: Hex = "0x07"): Promise<string> => {
  const [gas, fees, nonce] = await Promise.all([
    estimateGas(chain.wallet, counter, data),
    networkFees(chain.provider),
    chain.provider.getTransactionCount(chain.wallet.address, "latest"),
  ]);
  const signed = await signCall(chain.wallet, {
    to: counter,
    data,
    nonce,
    gas,
    fees: { ...fees, fee: fees.fee * tipTimes, tip: fees.tip * tipTimes },
  });
  await broadcast(chain.provider, signed.raw);
  return signed.hash;
};

describe("the outbox (CHECKS 52, 54, 55, 57)", () => {
  it("sends a call once and forgets it when it is mined", async () => {
    const sent = send(outbox(), "0x01");
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
    expect(await store.read()).toBeUndefined();
  });

  it("writes a transaction down before it leaves", async () => {
    let wasOut = true;
    const watched: OutboxStore = {
      ...store,
      write: async (pending) => {
        wasOut = (await chain.provider.getTransaction(pending.hashes[0] ?? "")) !== null;
        await store.write(pending);
      },
    };
    const sent = send(outbox({ store: watched }), "0x01");
    await mineUntil(sent);
    expect(wasOut).toBe(false);
  });

  it("sends nothing if it cannot be written down", async () => {
    const broken = { ...store, write: async () => Promise.reject(new Error("disk full")) };
    await expect(send(outbox({ store: broken }), "0x01")).rejects.toThrow("disk full");
    expect(await pooled()).toEqual([]);
  });

  it("offers more, both prices by a tenth at least, for a transaction that waits too long; one of them is mined", async () => {
    const { fee } = await networkFees(chain.provider);
    // two raises, and no third
    const sent = send(outbox({ mostFee: (fee * 13n) / 10n }), "0x01");
    await expect.poll(async () => (await store.read())?.hashes.length).toBe(3);
    const kept = await store.read();
    await expect.poll(async () => (await pooled()).map(({ hash }) => kept?.hashes.indexOf(hash as Hash))).toEqual([0]);
    const [last] = await pooled();
    const first = await networkFees(chain.provider);
    expect(last?.maxFeePerGas).toBeGreaterThan((first.fee * 121n) / 100n);
    expect(last?.maxPriorityFeePerGas).toBeGreaterThan((first.tip * 121n) / 100n);
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("holds at the highest price that is permitted, says so, and loses nothing", async () => {
    const { fee } = await networkFees(chain.provider);
    const sent = send(outbox({ mostFee: (fee * 12n) / 10n }), "0x01");
    await expect.poll(() => warnings.length).toBeGreaterThan(1);
    expect((await store.read())?.hashes).toHaveLength(2);
    expect((await store.read())?.fee).toBeLessThanOrEqual((fee * 12n) / 10n);
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("brings back what the pool dropped", async () => {
    let goOn = (): void => undefined;
    const dropped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const patient: OutboxStore = {
      ...store,
      write: async (pending) => {
        if (pending.hashes.length > 1) await dropped;
        await store.write(pending);
      },
    };
    const sent = send(outbox({ store: patient }), "0x01");
    await expect.poll(async () => (await pooled()).length).toBe(1);
    await chain.provider.send("anvil_dropAllTransactions", []);
    expect(await pooled()).toEqual([]);
    goOn();
    await expect.poll(async () => (await pooled()).length).toBe(1);
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("resumes after a restart with the same transaction", async () => {
    const crash = new AbortController();
    const lost = outbox({ patienceMs: 600_000 }).send(counter, "0x01", crash.signal);
    await expect.poll(async () => (await pooled()).length).toBe(1);
    crash.abort();
    await expect(lost).rejects.toThrow();
    const kept = await store.read();
    const resuming = { ...store, write: () => Promise.reject(new Error("another transaction")) };
    const sent = send(outbox({ patienceMs: 600_000, store: resuming }), "0x01");
    await mineUntil(sent);
    await sent;
    expect((await chain.provider.getTransactionReceipt(kept?.hashes[0] ?? ""))?.status).toBe(1);
    expect(await calls()).toBe(1);
  });

  it("knows after a restart that its transaction was mined meanwhile", async () => {
    const crash = new AbortController();
    const lost = outbox({ patienceMs: 600_000 }).send(counter, "0x01", crash.signal);
    await expect.poll(async () => (await pooled()).length).toBe(1);
    crash.abort();
    await expect(lost).rejects.toThrow();
    await chain.mine();
    await send(outbox(), "0x01");
    expect(await calls()).toBe(1);
  });

  it("replaces its own waiting transaction by another call, which takes its nonce", async () => {
    const crash = new AbortController();
    const lost = outbox({ patienceMs: 600_000 }).send(counter, "0x01", crash.signal);
    await expect.poll(async () => (await pooled()).length).toBe(1);
    crash.abort();
    await expect(lost).rejects.toThrow();
    const sent = send(outbox(), "0x02");
    await expect.poll(async () => (await pooled()).map(({ data }) => data)).toEqual(["0x02"]);
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("takes the next nonce if somebody else used the key, whoever is mined first", async () => {
    const before = await foreign(100n);
    const sent = send(outbox(), "0x01");
    await sleep(300);
    await mineUntil(sent);
    await sent;
    expect((await chain.provider.getTransactionReceipt(before))?.status).toBe(1);
    expect(await calls()).toBe(2);
  });

  it("outbids a foreign transaction that holds its nonce and is not mined", async () => {
    await foreign(1n);
    const sent = send(outbox(), "0x01");
    await expect.poll(async () => (await pooled()).map(({ data }) => data)).toEqual(["0x01"]);
    await mineUntil(sent);
    await sent;
  });

  it("sends again what a reorganization took away", async () => {
    await chain.mine(3);
    const snapshot = await chain.provider.send("evm_snapshot", []);
    const first = send(outbox(), "0x01");
    await mineUntil(first);
    await first;
    await chain.provider.send("evm_revert", [snapshot]);
    expect(await calls()).toBe(0);
    const again = send(outbox(), "0x01");
    await mineUntil(again);
    await again;
    expect(await calls()).toBe(1);
  });

  it("says what the contract answers if it refuses, and nothing is sent", async () => {
    await expect(send(outbox(), "0xff")).rejects.toThrow();
    expect(await pooled()).toEqual([]);
    expect(await store.read()).toBeUndefined();
  });

  it("tells a transaction that was mined and reverted from one that did what it should", async () => {
    const sent = send(outbox({ patienceMs: 600_000 }), "0x01");
    await expect.poll(async () => (await pooled()).length).toBe(1);
    await chain.provider.send("anvil_setCode", [counter, "0x60006000fd"]);
    const told = expect(sent).rejects.toThrow(/was mined and reverted/);
    await chain.mine();
    await told;
    expect(await store.read()).toBeUndefined();
  });

  it("without funds fails with the node's words, and goes on once there are some", async () => {
    await chain.provider.send("anvil_setBalance", [chain.wallet.address, "0x0"]);
    await expect(send(outbox(), "0x01")).rejects.toThrow(/insufficient funds/i);
    await chain.provider.send("anvil_setBalance", [chain.wallet.address, "0x3635c9adc5dea00000"]);
    const sent = send(outbox(), "0x01");
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("follows a base fee that rises twentyfold while it waits", async () => {
    const sent = send(outbox(), "0x01");
    await expect.poll(async () => (await pooled()).length).toBe(1);
    await chain.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x4a817c800"]);
    await chain.mine();
    await mineUntil(sent);
    await sent;
    expect(await calls()).toBe(1);
  });

  it("stops waiting when it is told to", async () => {
    const stop = new AbortController();
    const sent = outbox({ patienceMs: 600_000 }).send(counter, "0x01", stop.signal);
    await expect.poll(async () => (await pooled()).length).toBe(1);
    stop.abort();
    await expect(sent).rejects.toThrow(/abort/i);
  });
});

describe("the outbox on a chain without gas price", () => {
  it("offers nothing, however long it waits", async () => {
    const free = { ...chain };
    await free.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x0"]);
    await free.mine();
    expect(await networkFees(free.provider)).toMatchObject({ fee: 0n, tip: 0n });
    const poor = new Wallet(Wallet.createRandom().privateKey, free.provider);
    const sent = send(outbox({ wallet: poor }), "0x01");
    await expect.poll(async () => (await store.read())?.hashes.length).toBeGreaterThan(2);
    expect(await store.read()).toMatchObject({ fee: 0n, tip: 0n });
    await free.provider.send("anvil_setNextBlockBaseFeePerGas", ["0x0"]);
    await free.mine();
    await sent;
    expect(await calls()).toBe(1);
  });
});
