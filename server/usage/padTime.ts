import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the time since `startedAt` (by `performance.now()`) is a whole number of steps: how long work took shows no finer than that. */
export async function padTime(startedAt: number, stepMs: number): Promise<void> {
  if (stepMs === 0) return;
  const steps = Math.ceil((performance.now() - startedAt) / stepMs);
  const until = startedAt + steps * stepMs;
  // a timer may ring early
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) await sleep(Math.ceil(left));
}
