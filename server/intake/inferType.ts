import type { FieldType } from "../domain/dataset.ts";

/** The types, besides Text, that a value can be read as without losing a digit; a set of bits. */
export const typeBits = { Integer: 1, Decimal: 2, Boolean: 4, Date: 8, Timestamp: 16 } as const;
export const allTypes = 31;

const integer = /^(?:0|-?[1-9]\d*)$/;
const decimal = /^-?(?:(?:0|[1-9]\d*)?\.\d+|\d(?:\.\d+)?[eE][+-]\d{2,3})$/;
const date = /^(\d{4})-(\d{2})-(\d{2})$/;
const timestamp = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
/** PostgreSQL's numeric holds more; what is longer is no measurement. */
const maxDecimalLength = 1_000;

/** Tells which types a value can have. Numbers with leading zeros or a plus are text, as their digits would be lost. */
export function typesOf(value: string): number {
  const first = value.charCodeAt(0);
  if ((first >= 48 && first <= 57) || first === 45 || first === 46) return numberTypes(value) || timeTypes(value);
  return /^(?:true|false)$/i.test(value) ? typeBits.Boolean : 0;
}

function numberTypes(value: string): number {
  if (integer.test(value)) return isBigint(value) ? typeBits.Integer | typeBits.Decimal : 0;
  return value.length <= maxDecimalLength && decimal.test(value) ? typeBits.Decimal : 0;
}

/** 64 bits, signed, compared as text so that no digit is lost. */
function isBigint(value: string): boolean {
  const negative = value.startsWith("-");
  const digits = negative ? value.slice(1) : value;
  if (digits.length !== 19) return digits.length < 19;
  return digits <= (negative ? "9223372036854775808" : "9223372036854775807");
}

function timeTypes(value: string): number {
  if (value.length === 10) return isDate(value) ? typeBits.Date : 0;
  const [, day = "", hour = "", minute = "", second = "00", zone = ""] = timestamp.exec(value) ?? [];
  const fits = hour < "24" && minute < "60" && second < "60" && isZone(zone);
  return day !== "" && isDate(day) && fits ? typeBits.Timestamp : 0;
}

function isDate(value: string): boolean {
  const [, year, month, day] = date.exec(value) ?? [];
  if (year === undefined || year === "0000" || Number(month) < 1 || Number(month) > 12) return false;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0;
  return Number(day) >= 1 && Number(day) <= days;
}

function isZone(zone: string): boolean {
  return zone === "" || zone === "Z" || (zone.slice(1, 3) <= "14" && (zone.length === 3 || zone.slice(-2) < "60"));
}

/** True for a timestamp that names no offset from UTC. */
export function isZoneless(value: string): boolean {
  return !/(?:Z|[+-]\d{2}(?::?\d{2})?)$/.test(value.slice(10));
}

/** Picks the narrowest type that all values of a column have. A column without values is Text. */
export function inferType(types: number, values: number): FieldType {
  if (values === 0) return "Text";
  const names = Object.keys(typeBits) as (keyof typeof typeBits)[];
  return names.find((name) => (types & typeBits[name]) !== 0) ?? "Text";
}
