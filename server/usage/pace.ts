import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Address } from "../domain/ids.ts";
import { TooManyRequests } from "./turns.ts";

/** Limits how fast one key may ask, and how fast keys that the policy does not know may fill the log with their refusals. */
export type Pace = {
  /** Rejects with `TooManyRequests` if the key asks too fast. */
  readonly admit: (signer: Address) => Promise<void>;
  /** Tells that the policy knows this key as its assignee's. */
  readonly know: (signer: Address) => void;
  /**
   * Rejects with `TooManyRequests` if the key is not known, or the refusal is of a kind that anybody can bring about in its name, and too many
   * such were refused within a second.
   */
  readonly admitRefusal: (signer: Address, isSecondHand: boolean) => Promise<void>;
};

const mostKnown = 100_000;

/**
 * Makes the pace. Keys cost nothing, so all that the policy does not know share one: each refusal is an entry, and the log is not theirs
 * to fill.
 * @param perSecond Requests a second of one key.
 * @param strangersPerSecond Recorded refusals a second of all unknown keys together.
 */
export function createPace(perSecond: number, strangersPerSecond: number): Pace {
  const known = new Set<Address>();
  const keys = new RateLimiterMemory({ points: perSecond, duration: 1 });
  const strangers = new RateLimiterMemory({ points: strangersPerSecond, duration: 1 });
  return Object.freeze<Pace>({
    know: (signer) => {
      if (known.size >= mostKnown) known.clear();
      known.add(signer);
    },
    admit: (signer) => consume(keys, signer),
    admitRefusal: async (signer, isSecondHand) => {
      if (isSecondHand || !known.has(signer)) await consume(strangers, "all");
    },
  });
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new TooManyRequests(Math.max(1, Math.ceil(error.msBeforeNext / 1_000)));
  }
}
