import { Mistake } from "./context.ts";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, y: 365 * 86_400 };

/** Reads `now`, a span from now such as `90d`, a day (its first second in UTC) or an RFC 3339 time, as unix seconds. */
export function readTime(text: string): number {
  const now = Math.floor(Date.now() / 1_000);
  if (text === "now") return now;
  const span = /^([1-9][0-9]{0,5})([smhdy])$/.exec(text);
  if (span !== null) return now + Number(span[1]) * (units[span[2] ?? ""] ?? 0);
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return Math.floor(time / 1_000);
  throw new Mistake(
    `"${text}" is no time. Write a span from now (90d, 12h), a day (2027-06-30) or a time (2027-06-30T08:00:00Z).`,
  );
}

/** Reads a positive whole number. */
export function readCount(name: string, text: string): bigint {
  if (/^[1-9][0-9]{0,18}$/.test(text)) return BigInt(text);
  throw new Mistake(`--${name} is "${text}" and must be a positive whole number.`);
}

/** Reads one of a list, without regard to case. */
export function readOne<T extends string>(name: string, text: string, all: readonly T[]): T {
  const found = all.find((known) => known.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new Mistake(`--${name} is "${text}" and must be one of ${all.join(", ")}.`);
  return found;
}
