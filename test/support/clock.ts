import type { Space } from "../../server/chain/space.ts";

const TrueDate = globalThis.Date;
let read = (): number => TrueDate.now();
let passed = 0;

/** The machine's clock, as all that runs in this process sees it: gateways, consumers and witnesses of a test. */
class TestDate extends TrueDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [read()] : given) as [number]));
  }
  static override now(): number {
    return Math.floor(read());
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.isPrototypeOf.call(TrueDate.prototype, value as object);
  }
}
globalThis.Date = TestDate as DateConstructor;

/** Puts the clock forward, or back, by so many seconds from the true time; it goes on from there. */
export function shiftClock(seconds: number): void {
  read = () => TrueDate.now() + seconds * 1_000;
}

/** Lets the clock stand still at this time, in unix seconds. */
export function stopClock(at: number): void {
  read = () => at * 1_000;
}

/** Sets the clock right, but for the time that was let pass. */
export function resetClock(): void {
  shiftClock(passed);
}

/** Puts the clock forward to the next noon in UTC: what is counted by the day is of one day then. */
export function shiftToNoon(): void {
  const day = 86_400_000;
  shiftClock((1.5 * day - (TrueDate.now() % day)) / 1_000);
}

/** Lets so many seconds pass at once, for this process and for the chain alike. */
export async function pass({ send }: Pick<Space, "send">, seconds: number): Promise<void> {
  passed += seconds;
  shiftClock(passed);
  await send("evm_increaseTime", [seconds]);
  await send("evm_mine", []);
}
