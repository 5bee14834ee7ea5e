import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RangeUnsound } from "../../server/chain/blocks.ts";
import type { Send } from "../../server/chain/provider.ts";
import type { LogState } from "../../server/chain/reader.ts";
import { createFollowStep, type Followed, startFollower } from "../../server/readmodel/follow.ts";
import { createReadModelStore } from "../../server/readmodel/store.ts";
import { createPaperChain, type PaperChain } from "../support/paperChain.ts";
import { createStoreDatabase, projectionHash, type StoreDatabase } from "../support/readModel.ts";

let first: StoreDatabase;
let fresh: StoreDatabase;
let chain: PaperChain;
beforeAll(async () => {
  [first, fresh] = [await createStoreDatabase(), await createStoreDatabase()];
});
afterAll(() => Promise.all([first.drop(), fresh.drop()]));
let seed = 0;
beforeEach(async () => {
  await Promise.all([first, fresh].map(({ pool }) => createReadModelStore(pool).wipe()));
  seed += 1;
  chain = createPaperChain(seed);
  chain.grow(20);
});

const optionsOf = (of: PaperChain, { pool }: StoreDatabase, send: Send = of.send) => ({
  send,
  manifest: of.manifest,
  readHead: of.readHead,
  readLog: async (gateway: string) => ({ size: of.sizeOf(gateway as never), breachedAt: 0 }) as LogState,
  store: createReadModelStore(pool),
  warn: () => undefined,
});

async function catchUp(step: () => Promise<Followed>): Promise<number> {
  let steps = 0;
  do steps += 1;
  while ((await step()).behind);
  return steps;
}

async function expectWhole(): Promise<void> {
  await catchUp(createFollowStep(optionsOf(chain, fresh)));
  expect(await projectionHash(first.pool)).toBe(await projectionHash(fresh.pool));
}

type Logs = readonly { readonly blockNumber: string; readonly topics: readonly string[] }[];

/** A node whose logs, and receipts if told so, are changed before they leave. */
const changing =
  (change: (logs: Logs) => Logs, receiptsToo = false): Send =>
  async (method, params) => {
    const answer = await chain.send(method, params);
    if (method === "eth_getLogs") return change(answer as Logs);
    if (method !== "eth_getTransactionReceipt" || !receiptsToo || answer === null) return answer;
    return { logs: change((answer as { logs: Logs }).logs) };
  };

const withoutBlock = (number: number) => (logs: Logs) =>
  logs.filter(({ blockNumber }) => Number(blockNumber) !== number);

/** Blocks in which anything happened. */
async function busyBlocks(): Promise<number[]> {
  const logs = (await chain.send("eth_getLogs", [{ fromBlock: "0x0", toBlock: "0xffff" }])) as Logs;
  return [...new Set(logs.map(({ blockNumber }) => Number(blockNumber)))];
}

describe("a node that leaves logs out", () => {
  it("of one block, whichever: the receipts give them back", async () => {
    for (const number of await busyBlocks()) {
      await createReadModelStore(first.pool).wipe();
      await catchUp(createFollowStep(optionsOf(chain, first, changing(withoutBlock(number)))));
      await expectWhole();
    }
  });

  it("of one block and of its receipts too: nothing of the range is taken, and an honest answer heals it", async () => {
    for (const number of await busyBlocks()) {
      const store = createReadModelStore(first.pool);
      await store.wipe();
      const lying = createFollowStep(optionsOf(chain, first, changing(withoutBlock(number), true)));
      await expect(catchUp(lying)).rejects.toThrow(RangeUnsound);
      expect((await store.position())?.number ?? 0).toBeLessThan(number);
      await catchUp(createFollowStep(optionsOf(chain, first)));
      await expectWhole();
    }
  });

  it("answers [] to everything: no evidence", async () => {
    await expect(
      catchUp(
        createFollowStep(
          optionsOf(
            chain,
            first,
            changing(() => [], true),
          ),
        ),
      ),
    ).rejects.toThrow(/leaves out logs/);
    expect(await createReadModelStore(first.pool).position()).toBeUndefined();
  });

  it("one of two with the same address and topics, which no bloom shows: the counters do", async () => {
    let found = 0;
    for (let tries = 0; found < 12 && tries < 60; tries += 1) {
      chain = createPaperChain(10_000 + tries);
      chain.grow(25, 30);
      const logs = (await chain.send("eth_getLogs", [{ fromBlock: "0x0", toBlock: "0xffff" }])) as Logs;
      const isCounted = ({ topics }: Logs[number]): boolean => topics.length === 2 && counters.has(topics[0] ?? "");
      const keyOf = (log: Logs[number]): string => `${log.blockNumber} ${log.topics.join(" ")}`;
      const twins = Object.values(Object.groupBy(logs.filter(isCounted), keyOf)).filter(
        (all) => (all?.length ?? 0) > 1,
      );
      for (const twin of twins.slice(0, 2)) {
        const left = JSON.stringify(twin?.[0]);
        const lying = changing((all) => all.filter((log) => JSON.stringify(log) !== left), true);
        await createReadModelStore(first.pool).wipe();
        await expect(catchUp(createFollowStep(optionsOf(chain, first, lying)))).rejects.toThrow(RangeUnsound);
        found += 1;
      }
    }
    expect(found).toBeGreaterThanOrEqual(12);
  });
});

/** First topics of EntriesAppended and AgreementUsed. */
const counters = new Set<string>();
beforeAll(async () => {
  const { interfaces } = await import("../../server/chain/interfaces.ts");
  counters.add(interfaces.AccessLog.getEvent("EntriesAppended")?.topicHash ?? "");
  counters.add(interfaces.AgreementRegistry.getEvent("AgreementUsed")?.topicHash ?? "");
});

describe("a balanced node", () => {
  it("whose other half is behind is noticed, nothing is taken from it, and it heals", async () => {
    const behind = createPaperChain(seed);
    behind.grow(5);
    let turn = 0;
    const balanced: Send = (method, params) => {
      turn += 1;
      return (turn % 2 === 0 ? chain : behind).send(method, params);
    };
    const step = createFollowStep(optionsOf(chain, first, balanced));
    let refused = 0;
    for (let tries = 0; tries < 30; tries += 1)
      await catchUp(step).catch(() => {
        refused += 1;
      });
    expect(refused).toBeGreaterThan(0);
    await catchUp(createFollowStep(optionsOf(chain, first)));
    await expectWhole();
  });

  it("whose other half is behind by 50 blocks and answers for the logs alone is refused", async () => {
    chain.grow(50);
    const behind = createPaperChain(seed);
    behind.grow(20);
    const balanced: Send = (method, params) => (method === "eth_getLogs" ? behind : chain).send(method, params);
    await catchUp(createFollowStep(optionsOf(chain, first, balanced)));
    await expectWhole();
  });

  it("whose other half follows another branch is refused", async () => {
    const branch = createPaperChain(seed);
    branch.grow(20);
    branch.revert(10);
    branch.grow(30);
    chain.grow(1);
    for (const method of ["eth_getLogs", "eth_getBlockByNumber", "eth_getTransactionReceipt"]) {
      await createReadModelStore(first.pool).wipe();
      const mixed: Send = (asked, params) => (asked === method ? branch : chain).send(asked, params);
      await catchUp(createFollowStep(optionsOf(chain, first, mixed))).catch(() => undefined);
      await catchUp(createFollowStep(optionsOf(chain, first)));
      await expectWhole();
    }
  });

  it("of another chain altogether is refused at the first block", async () => {
    const other = createPaperChain(seed + 5_000);
    other.grow(20);
    const step = createFollowStep({ ...optionsOf(other, first), manifest: chain.manifest });
    await expect(step()).rejects.toThrow(/not the one in which the contracts came to stand/);
  });
});

describe("ranges", () => {
  it("shrink until the node answers for them, and grow again", async () => {
    chain.grow(600);
    const widths: number[] = [];
    const limited: Send = async (method, params) => {
      if (method === "eth_getLogs") {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        const width = Number(toBlock) - Number(fromBlock) + 1;
        if (width > 100) throw new Error("query exceeds max block range 100");
        widths.push(width);
      }
      return chain.send(method, params);
    };
    const step = createFollowStep(optionsOf(chain, first, limited));
    for (let behind = true; behind; )
      behind = await step().then(
        (done) => done.behind,
        () => true,
      );
    expect(Math.max(...widths)).toBeGreaterThan(30);
    await expectWhole();
  });
});

it("texts that are not UTF-8, or hold NUL, keep nobody from reading on", async () => {
  const { interfaces } = await import("../../server/chain/interfaces.ts");
  const fragment = interfaces.ParticipantRegistry.getEvent("ParticipantSuspended");
  const good = interfaces.ParticipantRegistry.encodeEventLog(fragment as never, [`0x${"11".repeat(32)}`, "abcd\0fgh"]);
  const { toPlainEvent } = await import("../../server/chain/plainEvent.ts");
  const spoiled = good.data.replace("61626364", "ff80c061");
  expect(spoiled).not.toBe(good.data);
  const event = toPlainEvent("ParticipantRegistry", { topics: good.topics as string[], data: spoiled });
  expect(event?.args.reason).toBe("\ufffd\ufffd\ufffda\ufffdfgh");
});

describe("a read model", () => {
  it("that has a gap already is made anew by itself", async () => {
    const store = createReadModelStore(first.pool);
    await catchUp(createFollowStep(optionsOf(chain, first)));
    await first.pool.query("DELETE FROM datapact.chain_event WHERE name IN ('EntriesAppended', 'AgreementUsed')");
    const follower = startFollower({ ...optionsOf(chain, first), store, intervalMs: 10 });
    chain.grow(40);
    await expect.poll(async () => (await store.position())?.number).toBe(chain.height());
    await follower.stop();
    await expectWhole();
  });

  it("is one and the same after restarts at every step, and refuses a second follower", async () => {
    chain.grow(60);
    for (let behind = true; behind; ) behind = (await createFollowStep(optionsOf(chain, first))()).behind;
    await expectWhole();
    const store = createReadModelStore(first.pool);
    await expect(store.advance(undefined, [])).rejects.toThrow(/another process follows/);
  });

  const events = Number(process.env.DATAPACT_REBUILD_EVENTS ?? 20_000);

  it(`of ${events} events is rebuilt after a wipe, equal to what it was`, async () => {
    chain = createPaperChain(77);
    chain.grow(Math.ceil(events / 29), 40, 40);
    await catchUp(createFollowStep(optionsOf(chain, first)));
    const before = await projectionHash(first.pool);
    const { rows } = await first.pool.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM datapact.chain_event",
    );
    expect(rows[0]?.count).toBeGreaterThan(events);
    await createReadModelStore(first.pool).wipe();
    await catchUp(createFollowStep(optionsOf(chain, first)));
    expect(await projectionHash(first.pool)).toBe(before);
  });
});
