import { toQuantity } from "ethers";
import { z } from "zod";
import type { Hash, Hex } from "../domain/ids.ts";
import { type ContractName, contractNames, type Manifest } from "../domain/manifest.ts";
import { type Bloomed, bloomOf, mayContain } from "./bloom.ts";
import { blockSchema, hashSchema, quantitySchema } from "./head.ts";
import { type PlainEvent, toPlainEvent, topicsOf } from "./plainEvent.ts";
import type { Send } from "./provider.ts";

/** An event with its place in its block. */
export type PlacedEvent = PlainEvent & { readonly logIndex: number; readonly transaction: Hash };

/** A block with all events of our contracts in it. `time` is unix seconds. */
export type BlockEvents = {
  readonly number: number;
  readonly hash: Hash;
  readonly time: number;
  readonly events: readonly PlacedEvent[];
};

/** Thrown when what a node shows of a range does not hold together: it lags, changed its mind or leaves logs out. */
export class RangeUnsound extends Error {
  override readonly name = "RangeUnsound";
}

/** Thrown when a node does not answer for a range of this size. */
export class RangeRefused extends Error {
  override readonly name = "RangeRefused";
}

const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value));
const headerSchema = blockSchema.extend({ parentHash: hashSchema, logsBloom: hex, transactions: z.array(hashSchema) });
const logSchema = z.object({
  address: z.string().transform((address) => address.toLowerCase()),
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber: quantitySchema,
  blockHash: hashSchema,
  logIndex: quantitySchema,
  transactionHash: hashSchema,
});
const receiptSchema = z.object({ logs: z.array(logSchema) });
type Header = z.output<typeof headerSchema>;
type Log = z.output<typeof logSchema>;

const headersAtOnce = 16;

/**
 * Reads the blocks `[from, to]` with all events of our contracts. An empty answer is no evidence: the headers must be one chain from
 * `parent` on, each log must lie in one of them, and their blooms must bear out that no log is missing. Throws `RangeUnsound` if not,
 * `RangeRefused` if the node does not answer for as large a range.
 * @param parent Hash of the block before; undefined if that does not matter.
 */
export async function readBlocks(
  send: Send,
  manifest: Manifest,
  from: number,
  to: number,
  parent: Hash | undefined,
): Promise<BlockEvents[]> {
  const headers = await readHeaders(send, from, to);
  requireChain(headers, parent);
  const contracts = new Map(contractNames.map((name) => [manifest.contracts[name].address as string, name]));
  const logs = await readLogs(send, [...contracts.keys()], from, to);
  const byBlock = Map.groupBy(logs, ({ blockHash }) => blockHash);
  const strange = logs.find((log) => headers[log.blockNumber - from]?.hash !== log.blockHash);
  if (strange !== undefined)
    throw new RangeUnsound(`the node shows a log in a block ${strange.blockNumber} of another chain`);

  const blocks: BlockEvents[] = [];
  for (const header of headers) {
    const whole = await wholeLogs(send, contracts, header, byBlock.get(header.hash) ?? []);
    const events = whole.flatMap((log) => toPlaced(contracts, log));
    blocks.push({ number: header.number, hash: header.hash, time: header.timestamp, events });
  }
  return blocks;
}

/** Hash of the block with this number; undefined if the node has none. */
export async function readBlockHash(send: Send, number: number): Promise<Hash | undefined> {
  const block = await send("eth_getBlockByNumber", [toQuantity(number), false]);
  return block === null ? undefined : headerSchema.pick({ hash: true }).parse(block).hash;
}

async function readHeaders(send: Send, from: number, to: number): Promise<Header[]> {
  const headers: Header[] = [];
  for (let start = from; start <= to; start += headersAtOnce) {
    const numbers = Array.from({ length: Math.min(headersAtOnce, to - start + 1) }, (_, at) => start + at);
    const found = await Promise.all(numbers.map((number) => send("eth_getBlockByNumber", [toQuantity(number), false])));
    if (found.includes(null)) throw new RangeUnsound(`the node has no block ${to} although it was shown: it lags`);
    headers.push(...found.map((block) => headerSchema.parse(block)));
  }
  return headers;
}

function requireChain(headers: readonly Header[], parent: Hash | undefined): void {
  let before = parent;
  for (const { number, hash: own, parentHash } of headers) {
    if (before !== undefined && parentHash !== before)
      throw new RangeUnsound(`block ${number} does not follow the block before it: the chain changed meanwhile`);
    before = own;
  }
}

async function readLogs(send: Send, address: readonly string[], from: number, to: number): Promise<Log[]> {
  const filter = { address, fromBlock: toQuantity(from), toBlock: toQuantity(to) };
  let answer: unknown;
  try {
    answer = await send("eth_getLogs", [filter]);
  } catch (cause) {
    throw new RangeRefused(`the node does not give the logs of blocks ${from} to ${to}`, { cause });
  }
  return z.array(logSchema).parse(answer);
}

/** The logs of our contracts in one block, all of them: settled by its receipts where its bloom leaves a doubt. */
async function wholeLogs(
  send: Send,
  contracts: ReadonlyMap<string, ContractName>,
  header: Header,
  logs: readonly Log[],
): Promise<readonly Log[]> {
  if (bloomOf(logs as readonly Bloomed[]) === header.logsBloom) return logs;
  if (logs.length === 0 && !mayHoldOurs(contracts, header.logsBloom)) return logs;
  const receipts = await Promise.all(
    header.transactions.map((transaction) => send("eth_getTransactionReceipt", [transaction])),
  );
  if (receipts.includes(null)) throw new RangeUnsound(`the node lacks receipts of block ${header.number}`);
  const all = receipts.flatMap((receipt) => receiptSchema.parse(receipt).logs);
  const isSound = all.every(({ blockHash }) => blockHash === header.hash) && bloomOf(all) === header.logsBloom;
  if (!isSound) throw new RangeUnsound(`the node leaves out logs of block ${header.number}`);
  return all.filter(({ address }) => contracts.has(address));
}

function mayHoldOurs(contracts: ReadonlyMap<string, ContractName>, bloom: Hex): boolean {
  return [...contracts].some(
    ([address, name]) => mayContain(bloom, address) && topicsOf(name).some((topic) => mayContain(bloom, topic)),
  );
}

function toPlaced(contracts: ReadonlyMap<string, ContractName>, log: Log): PlacedEvent[] {
  const contract = contracts.get(log.address);
  const event = contract && toPlainEvent(contract, log);
  return event === undefined ? [] : [{ ...event, logIndex: log.logIndex, transaction: log.transactionHash }];
}
