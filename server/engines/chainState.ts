import { copyFileSync, existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { z } from "zod";

/** What is read of the file in which anvil keeps its chain. */
const stateSchema = z.object({
  best_block_number: z.number(),
  accounts: z.record(z.string(), z.object({ nonce: z.number(), code: z.string() })),
  blocks: z.array(z.object({ header: z.object({ number: z.string() }), transactions: z.array(z.unknown()) })),
  transactions: z.array(z.unknown()),
});

/** anvil rewrites its state in place, and while it mines: keeps the last whole one beside it. */
export function keepCopy(state: string): void {
  const copy = `${state}.whole`;
  if (!existsSync(state) || (existsSync(copy) && statSync(copy).mtimeMs >= statSync(state).mtimeMs)) return;
  copyFileSync(state, `${copy}.draft`);
  if (bestOf(`${copy}.draft`) !== undefined) renameSync(`${copy}.draft`, copy);
}

/**
 * Puts the last whole copy in the place of a state that a crash left cut or at odds with itself. Gives the number of the newest block of what
 * is there then; undefined if there is no state. Throws if it is damaged and has no copy.
 */
export function restoreState(state: string, warn: (message: string) => void): number | undefined {
  if (!existsSync(state)) return undefined;
  const best = bestOf(state);
  if (best !== undefined) return best;
  const copy = `${state}.whole`;
  const copied = existsSync(copy) ? bestOf(copy) : undefined;
  if (copied === undefined)
    throw new Error(`${state} is damaged and there is no whole copy of it. Restore it from your backup.`);
  warn("the chain's state file was damaged; its last whole copy is used");
  copyFileSync(copy, state);
  return copied;
}

/**
 * The number of the newest block, if blocks, transactions and accounts are those of one moment. anvil gathers them one after the other, so a file that was
 * written while a block was mined may hold its effects without its transactions: such effects could never be sent again.
 */
function bestOf(file: string): number | undefined {
  try {
    const { best_block_number, accounts, blocks, transactions } = stateSchema.parse(
      JSON.parse(readFileSync(file, "utf8")),
    );
    const inBlocks = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
    // each transaction raises the nonce of the account that sent it, and no account here has both a key and code
    const sent = Object.values(accounts).reduce((sum, { code, nonce }) => sum + (code === "0x" ? nonce : 0), 0);
    // each start adds a first block of its own, which nothing stands on
    const numbers = new Set(blocks.map(({ header }) => Number(header.number)));
    const isWhole = numbers.size === best_block_number + 1 && inBlocks === transactions.length && inBlocks === sent;
    return isWhole ? best_block_number : undefined;
  } catch {
    return undefined;
  }
}
