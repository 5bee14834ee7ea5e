import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRpcProvider, Transaction } from "ethers";
import { askHead, createHeadReader } from "../chain/head.ts";
import { createProvider, type Send } from "../chain/provider.ts";
import type { Hash } from "../domain/ids.ts";
import { type KeptBlock, openKeptBlocks } from "./keptBlocks.ts";

/** Keeps every block of a chain, so that a chain which lost its newest ones gets them back. */
export type Keeper = { readonly stop: () => Promise<void> };

type Warn = (message: string, error?: unknown) => void;

const intervalMs = 100;

/** Keeps what is on chain and not kept yet, then watches it. Meant for the embedded chain; on a network, consensus does this. */
export async function keepBlocks(chainUrl: string, chainId: number, storeUrl: string, warn: Warn): Promise<Keeper> {
  const provider = createProvider(chainUrl, chainId);
  const send: Send = (method, params) => provider.send(method, [...params]);
  const readHead = createHeadReader(() => askHead(send, "latest"));
  const kept = await openKeptBlocks(storeUrl);
  let seen: string | undefined;

  const isOnChain = async (number: number): Promise<boolean> =>
    (await askHead(send, number)).hash === (await kept.hashOf(number));

  const step = async (): Promise<void> => {
    const head = await readHead();
    if (head.hash === seen) return;
    const newest = await kept.newest();
    let common = Math.min(newest, head.number);
    while (common >= 0 && !(await isOnChain(common))) common -= 1;
    if (common < Math.min(newest, head.number))
      warn(`the chain shows other blocks than before from ${common + 1} on; now those are kept`);
    for (let number = common + 1; number <= head.number; number += 1)
      await kept.keep(await readBlock(provider, number));
    seen = head.hash;
  };
  await step();

  const stopping = new AbortController();
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
      await kept.close();
      provider.destroy();
    },
  });
}

async function readBlock(provider: JsonRpcProvider, number: number): Promise<KeptBlock> {
  const block = await provider.getBlock(number, true);
  if (block?.hash == null) throw new Error(`the chain has no block ${number}`);
  const transactions = block.prefetchedTransactions.map((transaction) => Transaction.from(transaction).serialized);
  return { number, hash: block.hash as Hash, time: block.timestamp, transactions };
}
