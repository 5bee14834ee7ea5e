import { call, literal } from "./build.ts";
import { type Expression, type Interner, isNumeric, isTime, type ValueType } from "./expression.ts";
import { refuse } from "./refused.ts";

const numberForm = /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/;
const exponentForm = /^(\d{1,20}(?:\.\d{0,20})?)e([+-]?\d{1,2})$/i;
const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const timestampForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;
const intervalForm = /^(\d{1,6}(?:\.\d{1,3})?) ?(second|minute|hour|day|week|month|year)s?$/;
const unitDays: { readonly [unit: string]: number } = {
  second: 1 / 86_400,
  minute: 1 / 1_440,
  hour: 1 / 24,
  day: 1,
  week: 7,
  month: 31,
  year: 366,
};
const maxIntervalDays = 36_600;

/** Reads a number as written in SQL; kept as digits, never a floating-point number. */
export function numberLiteral(intern: Interner, text: string, at: number): Expression {
  const scientific = exponentForm.exec(text);
  if (scientific !== null && Math.abs(Number(scientific[2])) <= 30)
    return literal(intern, "Decimal", text.toLowerCase());
  if (!numberForm.test(text))
    refuse(`The number ${text.slice(0, 40)}`, "At most 30 digits on each side of the point.", at);
  const whole = /^[+-]?\d{1,18}$/.test(text);
  return literal(intern, whole || !text.includes(".") ? "Integer" : "Decimal", text);
}

/** Reads a quoted text as a value of `type`; throws StatementRefused if it is none. */
export function typedLiteral(intern: Interner, type: ValueType, text: string, at: number | null): Expression {
  const value = readers[type](text.trim(), text);
  if (value === undefined) return refuse(`'${text.slice(0, 40)}' as ${type}`, hints[type], at);
  return literal(intern, type, value);
}

const hints: { readonly [T in ValueType]: string } = {
  Text: "Quote it.",
  Integer: "Write digits only.",
  Decimal: "Write digits with a decimal point.",
  Boolean: "Write true or false.",
  Date: "Write dates as '2024-01-31', years 0001 to 9999.",
  Timestamp: "Write times as '2024-01-31 23:59:59', optionally with Z or +08:00.",
  Interval: "Write one count and one unit, such as '36 hours', up to 100 years.",
};

const readers: { readonly [T in ValueType]: (trimmed: string, text: string) => string | undefined } = {
  Text: (_, text) => text,
  Integer: (text) => (/^[+-]?\d{1,30}$/.test(text) ? text : undefined),
  Decimal: (text) => (numberForm.test(text) ? text : undefined),
  Boolean: (text) => ({ true: "true", t: "true", false: "false", f: "false" })[text.toLowerCase()],
  Date: (text) => (isDay(text) ? text : undefined),
  Timestamp: readTimestamp,
  Interval: readInterval,
};

function isDay(text: string): boolean {
  const parts = dateForm.exec(text);
  if (parts === null || parts[1] === "0000") return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Timestamps are UTC: an offset is applied, none means UTC. */
function readTimestamp(text: string): string | undefined {
  const parts = timestampForm.exec(text);
  if (parts === null || !isDay(parts[1] ?? "")) return undefined;
  const [, day, minutes = "00:00", seconds = ":00", zone = "Z"] = parts;
  const time = new Date(`${day}T${minutes}${seconds.slice(0, 3)}${zone.toUpperCase()}`);
  if (Number.isNaN(time.getTime()) || minutes.startsWith("24")) return undefined;
  const utc = time.toISOString();
  return /^\d{4}-/.test(utc) && !utc.startsWith("0000") ? `${utc.slice(0, 19)}${seconds.slice(3)}` : undefined;
}

function readInterval(text: string): string | undefined {
  const parts = intervalForm.exec(text.toLowerCase());
  if (parts === null) return undefined;
  const [, count = "", unit = ""] = parts;
  return Number(count) * (unitDays[unit] ?? 0) <= maxIntervalDays ? `${count} ${unit}` : undefined;
}

/**
 * Brings operands to types that fit each other: untyped literals take the type of their neighbors, dates become timestamps and integers
 * decimals where the other side is one.
 */
export function align(intern: Interner, args: readonly Expression[], at: number): Expression[] {
  const typed = args.filter((arg) => !isUntyped(arg));
  const wanted = widest(typed);
  if (wanted === undefined) return [...args];
  return args.map((arg) => widen(intern, coerce(intern, arg, wanted, at), wanted));
}

/** Gives an untyped literal its type; leaves everything else. */
export function coerce(intern: Interner, expression: Expression, type: ValueType, at: number | null): Expression {
  if (expression.kind !== "Literal" || !expression.untyped) return expression;
  if (expression.value === null) return literal(intern, type, null);
  const hasTime = type === "Date" && /[T ]\d/.test(expression.value.trim());
  return typedLiteral(intern, hasTime ? "Timestamp" : numericType(type, expression.value), expression.value, at);
}

function numericType(type: ValueType, text: string): ValueType {
  return type === "Integer" && text.includes(".") ? "Decimal" : type;
}

function widest(typed: readonly Expression[]): ValueType | undefined {
  const found = typed.map((arg) => arg.type);
  if (found.every(isNumeric)) return found.includes("Decimal") ? "Decimal" : found[0];
  if (found.every(isTime)) return found.includes("Timestamp") ? "Timestamp" : found[0];
  return found[0];
}

function widen(intern: Interner, expression: Expression, wanted: ValueType): Expression {
  if (wanted === "Timestamp" && expression.type === "Date") return call(intern, "toTimestamp", [expression], "A date");
  return expression;
}

export function isUntyped(expression: Expression): boolean {
  return expression.kind === "Literal" && expression.untyped;
}
