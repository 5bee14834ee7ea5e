import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRpcProvider, Transaction, toQuantity } from "ethers";
import type pg from "pg";
import { askHead, createHeadReader, type Head, parseHead, type ReadHead } from "../chain/head.ts";
import { createProvider, type Send } from "../chain/provider.ts";
import { sendRaw } from "../chain/transact.ts";
import { createClient, createPool } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";

/** Keeps every transaction of a chain in its signed form, so that a chain which lost its newest blocks gets them back. */
export type Keeper = { readonly stop: () => Promise<void> };

type Warn = (message: string, error?: unknown) => void;
type Chain = {
  readonly provider: JsonRpcProvider;
  readonly pool: pg.Pool;
  readonly readHead: ReadHead;
  readonly warn: Warn;
};

const intervalMs = 100;

/**
 * First sends again what the chain has lost, in order, then watches it. Signed transactions come to the same nonces and addresses.
 * Meant for the embedded chain, which saves its state once a second; on a network, consensus does this.
 */
export async function keepTransactions(
  chainUrl: string,
  chainId: number,
  storeUrl: string,
  warn: Warn,
): Promise<Keeper> {
  const provider = createProvider(chainUrl, chainId);
  const send: Send = (method, params) => provider.send(method, [...params]);
  const pool = createPool(storeUrl, "datapact keeper", 1);
  const chain: Chain = {
    provider,
    pool,
    warn,
    readHead: createHeadReader(() => askHead(send, "latest")),
  };
  const stopping = new AbortController();
  await prepareStore(storeUrl);
  let seen = await restore(chain);

  const step = async (): Promise<void> => {
    const head = await chain.readHead();
    if (head.hash === seen.hash) return;
    const known = head.number > seen.number ? await headAt(chain, seen.number) : undefined;
    if (known?.hash !== seen.hash) {
      seen = await restore(chain);
      return;
    }
    for (let number = seen.number + 1; number <= head.number; number += 1) seen = await keepBlock(chain, number);
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await step().catch((error: unknown) => warn("the chain could not be followed", error));
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return Object.freeze<Keeper>({
    stop: async () => {
      await step().catch(() => undefined);
      stopping.abort();
      await running;
      await pool.end();
      provider.destroy();
    },
  });
}

async function prepareStore(url: string): Promise<void> {
  const client = createClient(url, "datapact keeper");
  await client.connect();
  await migrate(client).finally(() => client.end());
}

/** Sends again what was kept and is not on chain, then keeps what is on chain and was not kept. Gives the head it reached. */
async function restore(chain: Chain): Promise<Head> {
  const { provider, pool, warn, readHead } = chain;
  const { rows } = await pool.query<{ block: string; hash: string; raw: string }>(
    "SELECT block, hash, raw FROM datapact.chain_transaction ORDER BY position",
  );
  const start = await readHead();
  const missing = await firstMissing(provider, rows);
  const lost = rows.slice(missing);
  if (lost.length > 0) warn(`the chain went back to block ${start.number}; ${lost.length} transactions are sent again`);
  for (const { hash, raw } of lost) {
    await sendRaw(provider, raw, 10_000).catch((error: unknown) =>
      warn(`transaction ${hash} did not come back`, error),
    );
  }
  const from = Number(rows[missing - 1]?.block ?? 0) + 1;
  const until = (await readHead()).number;
  for (let number = from; number <= until; number += 1) await keepBlock(chain, number);
  return headAt(chain, until);
}

/** Place of the first kept transaction that the chain does not have. What was lost is always the newest. */
async function firstMissing(provider: JsonRpcProvider, rows: readonly { readonly hash: string }[]): Promise<number> {
  let at = rows.length;
  while (at > 0 && (await provider.getTransactionReceipt(rows[at - 1]?.hash ?? "")) === null) at -= 1;
  return at;
}

async function keepBlock({ provider, pool }: Chain, number: number): Promise<Head> {
  const block = (await provider.send("eth_getBlockByNumber", [toQuantity(number), false])) as {
    transactions: string[];
  } | null;
  for (const hash of block?.transactions ?? []) {
    const transaction = await provider.getTransaction(hash);
    if (transaction === null) throw new Error(`the chain has no transaction ${hash}`);
    await pool.query(
      "INSERT INTO datapact.chain_transaction (block, hash, raw) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET block = $1",
      [number, hash, Transaction.from(transaction).serialized],
    );
  }
  return parseHead(block);
}

async function headAt({ provider }: Chain, number: number): Promise<Head> {
  return askHead((method, params) => provider.send(method, [...params]), number);
}
