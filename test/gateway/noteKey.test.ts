import { expect, it } from "vitest";
import { toHex } from "../../server/domain/hash.ts";
import type { Hash } from "../../server/domain/ids.ts";
import { createPublishedKey, noteKey } from "../../server/gateway/noteKey.ts";
import { bytes32 } from "../support/evidence.ts";

it("the key on chain is looked at again once a minute: heads are signed no longer under one that another replaced", async () => {
  const key = noteKey(Buffer.alloc(32, 1));
  const own = toHex(key.publicKey);
  const warned: string[] = [];
  let [onChain, now, asked] = [bytes32<Hash>("nothing"), 1_000_000, 0];
  const published = createPublishedKey(
    key,
    async () => {
      asked += 1;
      return onChain;
    },
    async (next) => {
      onChain = next;
    },
    (message) => warned.push(message),
    () => now,
  );
  const { signal } = new AbortController();
  await published.look();
  expect(published.isPublished()).toBe(false);
  await published.ensure(signal);
  expect([published.isPublished(), onChain]).toEqual([true, own]);

  const before = asked;
  for (let i = 0; i < 10; i += 1) published.isPublished();
  await published.ensure(signal);
  expect(asked).toBe(before);

  onChain = bytes32<Hash>("another's");
  now += 60_000;
  published.isPublished();
  await expect.poll(() => published.isPublished()).toBe(false);
  expect(warned).toEqual([expect.stringContaining("another key")]);
  await published.ensure(signal);
  expect([published.isPublished(), onChain]).toEqual([true, own]);
});

it("an appending gateway notices too, though nobody asks for its heads", async () => {
  const key = noteKey(Buffer.alloc(32, 2));
  let [onChain, now] = [toHex(key.publicKey), 0];
  const published = createPublishedKey(
    key,
    async () => onChain,
    async (next) => {
      onChain = next;
    },
    () => undefined,
    () => now,
  );
  await published.look();
  onChain = bytes32<Hash>("another's");
  now += 60_000;
  await published.ensure(new AbortController().signal);
  expect(onChain).toBe(toHex(key.publicKey));
});
