import { setTimeout as sleep } from "node:timers/promises";
import { toQuantity } from "ethers";
import { type Head, parseHead, type ReadHead } from "./head.ts";
import type { Send } from "./provider.ts";

/** Thrown when two nodes tell different things about one chain. */
export class NodesDisagree extends Error {
  override readonly name = "NodesDisagree";
}

/** What must be the same in both answers; methods that are not listed are asked of the first node alone. */
const compared: Readonly<Record<string, (answer: unknown) => unknown>> = {
  eth_chainId: (answer) => answer,
  eth_getCode: (answer) => answer,
  eth_call: (answer) => answer,
  eth_getBlockByNumber: (answer) => (answer === null ? null : JSON.stringify(parseHead(answer))),
};

/** Makes a way to ask that believes an answer about a given block only if both nodes give it. */
export function createAgreedSend(first: Send, second: Send): Send {
  return async (method, params) => {
    const of = compared[method];
    if (of === undefined) return first(method, params);
    const [answer, other] = await Promise.all([first(method, params), second(method, params)]);
    if (of(answer) === of(other)) return answer;
    throw new NodesDisagree(`the second node answers ${method} differently`);
  };
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
