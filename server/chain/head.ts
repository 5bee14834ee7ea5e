import { toQuantity } from "ethers";
import { z } from "zod";
import type { Hash } from "../domain/ids.ts";
import type { Send } from "./provider.ts";

/** A block that the node showed as its newest. `time` is unix seconds. */
export type Head = { readonly number: number; readonly hash: Hash; readonly time: number };

/** Gives a head that was the newest after it was asked for. Rejects if the node does not show one. */
export type ReadHead = () => Promise<Head>;

export const quantitySchema = z
  .string()
  .regex(/^0x[0-9a-f]+$/)
  .transform(Number);
export const hashSchema = z.custom<Hash>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value));
/** What every reader of a block needs of it. */
export const blockSchema = z.object({ number: quantitySchema, hash: hashSchema, timestamp: quantitySchema });

export function parseHead(block: unknown): Head {
  const { number, hash, timestamp } = blockSchema.parse(block);
  return { number, hash, time: timestamp };
}

/** Asks a node for the block with this number, or for its newest. */
export async function askHead(send: Send, number: number | "latest"): Promise<Head> {
  const tag = number === "latest" ? number : toQuantity(number);
  const head = parseHead(await send("eth_getBlockByNumber", [tag, false]));
  if (number !== "latest" && head.number !== number)
    throw new Error(`the node shows block ${head.number} when it is asked for ${number}`);
  return head;
}

/** Makes a reader of the head. Those who ask while a question is under way share the next one, so that nobody gets an older answer. */
export function createHeadReader(askNewest: ReadHead): ReadHead {
  let running: Promise<unknown> | undefined;
  let next: Promise<Head> | undefined;

  const ask = (): Promise<Head> => {
    const asked = askNewest();
    const settled = asked.then(
      () => undefined,
      () => undefined,
    );
    running = settled;
    void settled.then(() => {
      if (running === settled) running = undefined;
    });
    return asked;
  };

  return () => {
    if (running === undefined) return ask();
    next ??= running.then(() => {
      next = undefined;
      return ask();
    });
    return next;
  };
}
