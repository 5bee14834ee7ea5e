import { setTimeout as sleep } from "node:timers/promises";
import { toQuantity } from "ethers";
import { type Head, parseHead, type ReadHead } from "./head.ts";
import type { Send } from "./provider.ts";

/** Thrown when two nodes tell different things about one chain. */
export class NodesDisagree extends Error {
  override readonly name = "NodesDisagree";
}

type Told = Readonly<Record<string, unknown>>;
/** What is compared of an answer: two nodes may write the same in different letters, and add members of their own. */
const members =
  (...names: readonly string[]) =>
  (told: unknown): unknown =>
    told === null ? null : names.map((name) => (told as Told)[name]);
const logs = (told: unknown): unknown =>
  (told as Told[]).map(
    members("address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex", "removed"),
  );
const receipt = (told: unknown): unknown =>
  told === null ? null : [members("transactionHash", "blockHash", "status")(told), logs((told as Told).logs)];
const block = (told: unknown): unknown =>
  told === null ? null : [parseHead(told), members("parentHash", "logsBloom", "transactions")(told)];

/** What must be the same in both answers; methods that are not listed are asked of the first node alone. */
const compared: Readonly<Record<string, (answer: unknown) => unknown>> = {
  eth_chainId: (answer) => answer,
  eth_getCode: (answer) => answer,
  eth_call: (answer) => answer,
  eth_getBlockByNumber: block,
  eth_getLogs: logs,
  eth_getTransactionByHash: members("hash", "blockHash", "blockNumber", "from", "to", "nonce", "value", "input"),
  eth_getTransactionReceipt: receipt,
};

/** Nodes look these up in an index, which may come a moment after the block. */
const indexed: ReadonlySet<string> = new Set(["eth_getLogs", "eth_getTransactionByHash", "eth_getTransactionReceipt"]);

/** Makes a way to ask that believes an answer about a given block only if both nodes give it. */
export function createAgreedSend(first: Send, second: Send): Send {
  return async (method, params) => {
    const of = isUnbounded(method, params) ? undefined : compared[method];
    if (of === undefined) return first(method, params);
    const formOf = (answer: unknown): string => JSON.stringify(of(answer)).toLowerCase();
    const deadline = Date.now() + (indexed.has(method) ? patienceMs : 0);
    for (;;) {
      const [answer, other] = await Promise.all([first(method, params), second(method, params)]);
      if (formOf(answer) === formOf(other)) return answer;
      if (Date.now() >= deadline) throw new NodesDisagree(`the second node answers ${method} differently`);
      await sleep(pauseMs);
    }
  };
}

/** Up to "latest" each node answers about a block of its own. */
function isUnbounded(method: string, [filter]: readonly unknown[]): boolean {
  return method === "eth_getLogs" && !/^0x/.test(String((filter as { toBlock?: unknown } | undefined)?.toBlock));
}

const patienceMs = 1_000;
const pauseMs = 20;

/**
 * Makes a reader of the head that both nodes have: the newer of the two, so that neither can hide a block by keeping silent about it.
 * Rejects with `NodesDisagree` if the other node does not come to have it in time.
 */
export function createAgreedHeadReader(first: Send, second: Send): ReadHead {
  const headOf = async (send: Send, tag: string): Promise<Head | undefined> => {
    const block = await send("eth_getBlockByNumber", [tag, false]);
    return block === null ? undefined : parseHead(block);
  };
  const newest = async (): Promise<Head> => {
    const [one, other] = await Promise.all([headOf(first, "latest"), headOf(second, "latest")]);
    if (one === undefined || other === undefined) throw new NodesDisagree("a node shows no newest block");
    if (isSame(one, other)) return one;
    const deadline = Date.now() + patienceMs;
    const [behind, head] = one.number < other.number ? [first, other] : [second, one];
    while (Date.now() < deadline) {
      const found = await headOf(behind, toQuantity(head.number));
      if (found !== undefined && isSame(found, head)) return head;
      if (found !== undefined) break;
      await sleep(pauseMs);
    }
    throw new NodesDisagree(`one node has block ${head.number} ${head.hash}, the other has not`);
  };
  return newest;
}

/** A node that shows a block under another number or time lies about it as much as one that shows another block. */
function isSame(one: Head, other: Head): boolean {
  return one.hash === other.hash && one.number === other.number && one.time === other.time;
}
