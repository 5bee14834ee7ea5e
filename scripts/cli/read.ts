import { Mistake } from "./context.ts";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, y: 365 * 86_400 };

/** Reads `now`, a span from now such as `90d`, a day (its first second in UTC) or an RFC 3339 time, as unix seconds. */
export function readTime(text: string): number {
  const now = Math.floor(Date.now() / 1_000);
  if (text === "now") return now;
  const span = /^([1-9][0-9]{0,5})([smhdy])$/.exec(text);
  if (span !== null) return now + Number(span[1]) * (units[span[2] ?? ""] ?? 0);
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // a day that its month has not, such as 02-31, would be taken for one of the next month
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10));
  if (isDay) return Math.floor(time / 1_000);
  throw new Mistake(
    `"${text}" is no time. Write a span from now (90d, 12h), a day (2027-06-30) or a time (2027-06-30T08:00:00Z).`,
  );
}

/** Reads a positive whole number up to `most`, which is what the contracts hold. */
export function readCount(name: string, text: string, most: bigint): bigint {
  const count = /^[1-9][0-9]{0,19}$/.test(text) ? BigInt(text) : 0n;
  if (count >= 1n && count <= most) return count;
  throw new Mistake(`--${name} is "${text}" and must be a whole number from 1 to ${most}.`);
}

/** The most that an unsigned number of so many bits can be. */
export const mostOf = (bits: number): bigint => 2n ** BigInt(bits) - 1n;

/** Reads a number of seconds, which may be zero. */
export function readSeconds(name: string, text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new Mistake(`--${name} is "${text}" and must be a number of seconds.`);
}

/** Reads one of a list, without regard to case. */
export function readOne<T extends string>(name: string, text: string, all: readonly T[]): T {
  const found = all.find((known) => known.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new Mistake(`--${name} is "${text}" and must be one of ${all.join(", ")}.`);
  return found;
}

/** Reads a number of blocks, which may be zero. */
export function readDepth(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new Mistake(`--depth is "${text}" and must be a number of blocks.`);
}
