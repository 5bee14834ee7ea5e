import { setTimeout as sleep } from "node:timers/promises";
import { createBoundedFetch } from "./bounded.ts";

/** Tells alarms to somebody else, in order. */
export type Webhook = {
  /** Takes one; drops the oldest if too many wait. */
  readonly post: (body: unknown) => void;
  /** Waits until all are told or given up, but no longer than this. */
  readonly settle: (timeoutMs: number) => Promise<void>;
};

const mostWaiting = 1_000;
const tries = 6;
const timeoutMs = 10_000;

/**
 * Posts JSON to one address, which only the operator names, follows no redirect, and reads nothing of the answer but its status.
 * @param firstPauseMs How long to wait after the first failure; doubles with each.
 */
export function createWebhook(url: string, warn: (text: string) => void, firstPauseMs = 1_000): Webhook {
  const bounded = createBoundedFetch(65_536);
  const queue: string[] = [];
  let running: Promise<void> | undefined;
  const postOnce = async (body: string): Promise<boolean> => {
    try {
      const headers = { "content-type": "application/json" };
      const signal = AbortSignal.timeout(timeoutMs);
      return (await bounded(url, { method: "POST", headers, body, signal })).ok;
    } catch {
      return false;
    }
  };
  const drain = async (): Promise<void> => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
      let isTold = false;
      for (let tried = 1; tried <= tries && !isTold; tried += 1) {
        if (tried > 1) await sleep(firstPauseMs * 2 ** (tried - 2));
        isTold = await postOnce(body);
      }
      if (!isTold) warn(`the webhook took an alarm in none of ${tries} tries; it stands in the log only`);
    }
    running = undefined;
  };
  return {
    post: (body) => {
      if (queue.length >= mostWaiting) queue.shift();
      queue.push(JSON.stringify(body));
      running ??= drain();
    },
    settle: async (most) => {
      await Promise.race([running, sleep(most, undefined, { ref: false })]);
    },
  };
}
