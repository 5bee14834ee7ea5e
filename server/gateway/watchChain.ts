import type { Logger } from "pino";
import { isAcknowledged } from "../chain/acknowledgement.ts";
import { askHead } from "../chain/head.ts";
import { createRecentHeadReader } from "../chain/recentHead.ts";
import type { Space } from "../chain/space.ts";
import { subscribeHeads } from "../chain/subscribe.ts";
import { createViewReader, type ReadView } from "../chain/view.ts";
import type { BlockId, ChainMemory } from "../domain/chainMemory.ts";
import { describeError } from "../domain/describeError.ts";
import type { Address } from "../domain/ids.ts";
import type { ChainMemoryStore } from "../store/chainMemoryStore.ts";
import type { Config } from "./config.ts";

/** The chain as this gateway may decide under it. */
export type ChainWatch = { readonly readView: ReadView; readonly stop: () => Promise<void> };

/**
 * Follows the head as the settings say, from where the gateway left off.
 * @param key The gateway's own: only its word makes the gateway go on after a deep reorganization.
 */
export async function watchChain(
  config: Config,
  space: Space,
  store: ChainMemoryStore,
  key: Address,
  logger: Logger,
): Promise<ChainWatch> {
  const { chainId, block, blockHash } = space.manifest;
  const recent = createRecentHeadReader(space.readHead, config.DATAPACT_HEAD_AGE_MS);
  const url = config.DATAPACT_CHAIN_SUBSCRIPTION_URL;
  const subscription = url === undefined ? undefined : subscribeHeads(url, recent.expire, (text) => logger.warn(text));
  const keeper = createKeeper(store, logger);
  return Object.freeze<ChainWatch>({
    readView: createViewReader({
      readHead: recent.readHead,
      headAt: (number) => askHead(space.send, number),
      finalityDepth: config.DATAPACT_FINALITY_DEPTH,
      reorgDepth: config.DATAPACT_REORG_DEPTH,
      mostBlockAge: config.DATAPACT_BLOCK_AGE_SECONDS,
      memory: (await store.read()) ?? { seen: block, settled: { number: block, hash: blockHash } },
      keep: keeper.keep,
      acknowledged: async (settled: BlockId) => {
        const word = await store.acknowledgementOf(settled);
        return word !== undefined && isAcknowledged(key, chainId, word) ? word.next : undefined;
      },
      now: () => Math.floor(Date.now() / 1_000),
    }),
    stop: async () => {
      subscription?.stop();
      await keeper.settled();
    },
  });
}

/** Writes the newest memory, one at a time; those between need not be written. */
function createKeeper(store: ChainMemoryStore, logger: Logger) {
  let newest: ChainMemory | undefined;
  let writing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (newest !== undefined) {
      const memory = newest;
      newest = undefined;
      await store.write(memory).catch((error: unknown) => {
        logger.warn({ error: describeError(error) }, "the newest block could not be kept");
      });
    }
    writing = undefined;
  };
  return {
    keep: (memory: ChainMemory): void => {
      newest = memory;
      writing ??= drain();
    },
    settled: async (): Promise<void> => writing,
  };
}
