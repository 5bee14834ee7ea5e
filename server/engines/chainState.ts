import { copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";

/** What is read of the file in which anvil keeps its chain. */
const stateSchema = z.looseObject({
  best_block_number: z.number(),
  accounts: z.record(z.string(), z.looseObject({ nonce: z.number(), code: z.string() })),
  blocks: z.array(
    z.looseObject({
      header: z.looseObject({ number: z.string(), timestamp: z.string() }),
      transactions: z.array(z.unknown()),
    }),
  ),
  transactions: z.array(z.unknown()),
});

/** anvil rewrites its state in place, and while it mines: keeps the last whole one beside it. */
export function keepCopy(state: string): void {
  const copy = `${state}.whole`;
  if (!existsSync(state) || (existsSync(copy) && statSync(copy).mtimeMs >= statSync(state).mtimeMs)) return;
  copyFileSync(state, `${copy}.draft`);
  if (readWhole(`${copy}.draft`) !== undefined) renameSync(`${copy}.draft`, copy);
}

/**
 * Puts the last whole copy in the place of a state that a crash left cut or at odds with itself. Gives the number of the newest block of what
 * is there then; undefined if there is no state. Throws if it is damaged and has no copy.
 */
export function restoreState(state: string, warn: (message: string) => void): number | undefined {
  if (!existsSync(state)) return undefined;
  const found = readWhole(state);
  if (found !== undefined) return keepOldestFirst(state, found);
  const copy = `${state}.whole`;
  const copied = existsSync(copy) ? readWhole(copy) : undefined;
  if (copied === undefined)
    throw new Error(`${state} is damaged and there is no whole copy of it. Restore it from your backup.`);
  warn("the chain's state file was damaged; its last whole copy is used");
  copyFileSync(copy, state);
  return keepOldestFirst(state, copied);
}

type State = z.output<typeof stateSchema>;

const isFirst = ({ header }: State["blocks"][number]): boolean => Number(header.number) === 0;

/**
 * Each start of anvil adds a first block of its own to the state, and the next would take any of them for the chain's: leaves the oldest alone,
 * on which the others stand. Gives the number of the newest block.
 */
function keepOldestFirst(state: string, found: State): number {
  const firsts = found.blocks.filter(isFirst);
  if (firsts.length > 1) {
    const [oldest] = firsts.toSorted((a, b) => Number(a.header.timestamp) - Number(b.header.timestamp));
    const blocks = found.blocks.filter((block) => block === oldest || !isFirst(block));
    writeFileSync(`${state}.draft`, JSON.stringify({ ...found, blocks }), { mode: statSync(state).mode });
    renameSync(`${state}.draft`, state);
  }
  return found.best_block_number;
}

/**
 * Reads a state if blocks, transactions and accounts in it are those of one moment. anvil gathers them one after the other, so a file that was
 * written while a block was mined may hold its effects without its transactions: such effects could never be sent again.
 */
function readWhole(file: string): State | undefined {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const { best_block_number, accounts, blocks, transactions } = state;
    const inBlocks = blocks.reduce((sum, block) => sum + block.transactions.length, 0);
    // each transaction raises the nonce of the account that sent it, and no account here has both a key and code
    const sent = Object.values(accounts).reduce((sum, { code, nonce }) => sum + (code === "0x" ? nonce : 0), 0);
    // each start adds a first block of its own, which nothing stands on
    const numbers = new Set(blocks.map(({ header }) => Number(header.number)));
    const isWhole = numbers.size === best_block_number + 1 && inBlocks === transactions.length && inBlocks === sent;
    return isWhole ? state : undefined;
  } catch {
    return undefined;
  }
}
