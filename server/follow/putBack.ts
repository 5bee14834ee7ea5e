import { setTimeout as sleep } from "node:timers/promises";
import { type Head, askHead } from "../chain/head.ts";
import { createProvider } from "../chain/provider.ts";
import { broadcast } from "../chain/transact.ts";
import { type KeptBlocks, openKeptBlocks } from "./keptBlocks.ts";

/** Puts back into the chain at `url`, which must mine nothing by itself, what it has lost. */
export type PutBack = (url: string) => Promise<void>;

/** How long the store may take to answer: it may have been lost with the chain. */
const patienceMs = 60_000;

/**
 * Makes what an embedded chain asks before it starts: given its newest block, how to put back the blocks that were kept and that it has lost;
 * undefined if it has lost none. The same transactions at the same times make the same blocks, so that nobody sees that they were away.
 * Rejects if the store does not answer: a chain that lacks its newest blocks would be another.
 */
export function createPutBack(
  storeUrl: string,
  chainId: number,
  warn: (message: string) => void,
): (best: number) => Promise<PutBack | undefined> {
  return async (best) => {
    const kept = await openPatiently(storeUrl);
    const newest = await kept.newest().catch(async (error: unknown) => {
      await kept.close();
      throw error;
    });
    if (newest > best) {
      warn(`the chain has lost its newest blocks, and gets them back: ${best + 1} to ${newest}`);
      return (url) => mineAgain(url, chainId, kept, best, warn).finally(kept.close);
    }
    await kept.close();
    return undefined;
  };
}

async function openPatiently(storeUrl: string): Promise<KeptBlocks> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await openKeptBlocks(storeUrl);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

async function mineAgain(
  url: string,
  chainId: number,
  kept: KeptBlocks,
  best: number,
  warn: (message: string) => void,
): Promise<void> {
  const provider = createProvider(url, chainId);
  const newest = (): Promise<Head> => askHead((method, params) => provider.send(method, [...params]), "latest");
  let isSame = true;
  try {
    for await (const { number, hash, time, transactions } of kept.after(best)) {
      // its clock first: it does not let the next block be older than its own start
      await provider.send("evm_setTime", [time]);
      await provider.send("evm_setNextBlockTimestamp", [time]);
      for (const raw of transactions) await broadcast(provider, raw);
      await provider.send("evm_mine", []);
      if (isSame && (await newest()).hash !== hash) {
        warn(`block ${number} came back as another one; what follows comes back in other blocks`);
        isSame = false;
      }
    }
  } finally {
    provider.destroy();
  }
}
