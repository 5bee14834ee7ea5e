import { signAcknowledgement } from "../chain/acknowledgement.ts";
import { askHead } from "../chain/head.ts";
import { checkSpace, openSpace, readManifest } from "../chain/space.ts";
import type { BlockId } from "../domain/chainMemory.ts";
import { openKeystore } from "../keystore.ts";
import { createChainMemoryStore } from "../store/chainMemoryStore.ts";
import { createPool } from "../store/database.ts";
import { type Config, readSecret } from "./config.ts";

/** What a gateway took for irreversible, and what its chain shows instead. */
export type Replaced = { readonly before: BlockId; readonly seen: number; readonly next: BlockId };

/**
 * Lets a gateway go on after its chain was reorganized deeper than it trusts: signs, with the gateway's key, that it goes on from the block
 * that is the newest now, and leaves that in its store, where the running gateway finds it.
 * @param agreed Asked with what was found; nothing is signed unless it resolves true.
 * @returns Undefined if the chain still holds everything that the gateway remembers of it.
 */
export async function acknowledgeChain(
  config: Config,
  agreed: (found: Replaced) => Promise<boolean>,
): Promise<Replaced | undefined> {
  const space = openSpace(config.DATAPACT_CHAIN_URL, readManifest(config.DATAPACT_MANIFEST));
  const pool = createPool(config.DATAPACT_STORE_URL, "datapact acknowledge", 1);
  try {
    await checkSpace(space);
    const store = createChainMemoryStore(pool);
    const memory = await store.read();
    const { number, hash } = await space.readHead();
    if (memory === undefined) return undefined;
    const { seen, settled } = memory;
    const isWhole = number >= seen && (await askHead(space.send, settled.number)).hash === settled.hash;
    const found: Replaced = { before: settled, seen, next: { number, hash } };
    if (isWhole || !(await agreed(found))) return undefined;
    const wallet = await openKeystore(config.DATAPACT_GATEWAY_KEYSTORE, readSecret(config.DATAPACT_PASSPHRASE_FILE));
    await store.acknowledge(await signAcknowledgement(wallet, space.manifest.chainId, found));
    return found;
  } finally {
    await pool.end();
    space.close();
  }
}
