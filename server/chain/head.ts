import { z } from "zod";
import type { Hash } from "../domain/ids.ts";
import type { Send } from "./provider.ts";

/** A block that the node showed as its newest. `time` is unix seconds. */
export type Head = { readonly number: number; readonly hash: Hash; readonly time: number };

/** Gives a head that was the newest at most `maxAgeMs` ago. Rejects if the node does not show one. */
export type ReadHead = () => Promise<Head>;

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/)
  .transform(Number);
const blockSchema = z.object({
  number: quantity,
  hash: z.string().regex(/^0x[0-9a-f]{64}$/),
  timestamp: quantity,
});

export function parseHead(block: unknown): Head {
  const { number, hash, timestamp } = blockSchema.parse(block);
  return { number, hash: hash as Hash, time: timestamp };
}

/** Makes a reader of the head: askers share one question, and an answer serves for `maxAgeMs`, counted from when it was asked. */
export function createHeadReader(send: Send, maxAgeMs: number): ReadHead {
  let latest: { readonly askedAt: number; readonly head: Promise<Head> } | undefined;
  return () => {
    const now = performance.now();
    if (latest === undefined || now - latest.askedAt > maxAgeMs) {
      const head = send("eth_getBlockByNumber", ["latest", false]).then(parseHead);
      latest = { askedAt: now, head };
      head.catch(() => {
        latest = undefined;
      });
    }
    return latest.head;
  };
}
