import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** A subscription to new heads. What it tells is a hint to ask again, never an answer. */
export type Subscription = { readonly stop: () => void };

const heartbeatMs = 5_000;
const longestPauseMs = 10_000;

const messageSchema = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  error: z.unknown().optional(),
});
/** Under which `eth_subscribe` is asked: first of all. */
const subscribing = 1;

/**
 * Listens for new heads over a node's WebSocket. Connects again for as long as it takes if the node closes, fails or gives no sign of life.
 * @param onHead Called at each new head, and once the node has taken each subscription, since heads may have been missed.
 */
export function subscribeHeads(url: string, onHead: () => void, warn: (message: string) => void): Subscription {
  const stopping = new AbortController();

  const run = async (): Promise<void> => {
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      const startedAt = Date.now();
      const problem = await listen(url, onHead, stopping.signal);
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > heartbeatMs * 2) pause = 100;
      warn(`the subscription to new heads ended (${problem}) and is made again`);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  void run();
  return Object.freeze<Subscription>({ stop: () => stopping.abort() });
}

/** Listens on one connection; resolves with why it ended. */
function listen(url: string, onHead: () => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const socket = openSocket(url);
    if (socket === undefined) {
      resolve("the address is none for a WebSocket");
      return;
    }
    let alive = true;
    let asked = 0;
    const ask = (method: string, params: readonly unknown[]): void => {
      asked += 1;
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: asked, method, params }));
    };
    const end = (problem: string): void => {
      clearInterval(timer);
      signal.removeEventListener("abort", onAbort);
      socket.close();
      resolve(problem);
    };
    const onAbort = (): void => end("stopped");
    const timer = setInterval(() => {
      if (!alive) {
        end("no sign of life");
        return;
      }
      alive = false;
      if (socket.readyState === WebSocket.OPEN) ask("eth_chainId", []);
    }, heartbeatMs);
    signal.addEventListener("abort", onAbort);
    socket.addEventListener("open", () => ask("eth_subscribe", ["newHeads"]));
    socket.addEventListener("message", ({ data }) => {
      alive = true;
      const { id, method, error } = messageSchema.safeParse(parse(data)).data ?? {};
      if (id === subscribing && error !== undefined) end("the node takes none");
      // what was mined before is told by nobody else
      else if (id === subscribing || method === "eth_subscription") onHead();
    });
    socket.addEventListener("error", () => end("it failed"));
    socket.addEventListener("close", () => end("it was closed"));
  });
}

function openSocket(url: string): WebSocket | undefined {
  try {
    return new WebSocket(url);
  } catch {
    return undefined;
  }
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
