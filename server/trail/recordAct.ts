import { randomBytes } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Actor } from "../domain/actor.ts";
import { canonicalBytes, entryDigest, type TrailEntry } from "../domain/entry.ts";
import { fromHex, sha256, toHex } from "../domain/hash.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { TrailAct } from "../domain/trailAct.ts";
import type { Journal } from "../journal/journal.ts";
import type { WriteReceipt } from "../usage/receipts.ts";
import { TooManyRequests } from "../usage/turns.ts";

/** What somebody did to the trail: `about` is plain JSON, `entries` how many entries it shows or names. */
export type Act = { readonly act: TrailAct; readonly about: object; readonly entries: number };

/**
 * Makes the entry of one act durable and gives it with its receipt. Rejects with `JournalUnavailable` if it may not be: what was asked for
 * does not happen then. Rejects with `TooManyRequests` if a participant acts too fast: each act is an entry, and the log is not its to fill.
 */
export type RecordAct = (
  actor: Pick<Actor, "participant" | "key" | "block">,
  act: Act,
) => Promise<{ readonly entry: TrailEntry; readonly receipt: Receipt }>;

const perMinute = 600;

export function createRecordAct(
  gateway: ParticipantId,
  append: Journal["append"],
  writeReceipt: WriteReceipt,
  now: () => Date,
): RecordAct {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async ({ participant, key, block }, { act, about, entries }) => {
    await limiter.consume(participant).catch((error: unknown) => {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new TooManyRequests(Math.max(1, Math.ceil(error.msBeforeNext / 1_000)));
    });
    const entry: TrailEntry = {
      type: "datapact/trail/1",
      gateway,
      time: now().toISOString(),
      act,
      actor: participant,
      signer: key,
      subject: toHex(sha256(canonicalBytes(about))),
      entries,
      block,
      salt: toHex<Hash>(randomBytes(32)),
    };
    const appended = await append({
      digest: fromHex(entryDigest(entry)),
      request: null,
      agreement: null,
      lineage: null,
      body: canonicalBytes(entry).toString(),
      evidence: JSON.stringify(about),
    });
    return { entry, receipt: writeReceipt(appended) };
  };
}
