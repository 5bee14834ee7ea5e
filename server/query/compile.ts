import { type Description, type FieldType, numberFields } from "../domain/dataset.ts";
import { compileGroups } from "./compileGroups.ts";
import { compileRows } from "./compileRows.ts";
import type { Plan } from "./plan.ts";
import { FieldUnlicensed } from "./refused.ts";
import type { RowScope } from "./rowScope.ts";

/** The terms under which a plan is compiled. */
export type CompileContext = {
  readonly description: Description;
  /** Schema of the governed views: one per table, of the same name, without Direct fields but always with the patient key. */
  readonly schema: string;
  /** Bitmap of the licensed fields. */
  readonly fields: bigint;
  readonly scope: RowScope;
  /** Smallest number of distinct patients behind anything that leaves; at least 2. */
  readonly minCohort: number;
  /** Counts leave as multiples of this; 1 for exact. */
  readonly rounding: number;
  readonly maxRows: number;
  /** Secret of this agreement, from which pseudonyms are derived; at least 16 bytes. */
  readonly pseudonymKey: Uint8Array;
};

/** Integers and decimals as digits, dates as 2024-01-31, times as 2024-01-31T23:59:59Z. */
export type Value = string | boolean | null;
export type OutputColumn = { readonly name: string; readonly type: FieldType };
/** A row as the database sent it, every value in PostgreSQL's text format. */
export type RawRow = readonly (string | null)[];

/**
 * Turns the database's rows, one after the other, into what may leave. Nothing that it gave may leave before `end` has returned: both throw
 * CohortTooSmall if nothing may leave (alike for empty and small), RowLimitExceeded if there are more rows than maxRows.
 */
export type Finisher = { readonly take: (row: RawRow) => readonly Value[]; readonly end: () => void };

export type Compiled = {
  readonly text: string;
  readonly values: readonly string[];
  readonly columns: readonly OutputColumn[];
  /** The most rows that the database may send. */
  readonly mostRows: number;
  readonly finish: () => Finisher;
};

/**
 * Compiles a plan to parameterized SQL in which fields outside the licence and rows outside the scope do not occur.
 * Throws FieldUnlicensed if the plan mentions a field outside `fields`. The SQL MUST run with all parameters as text and results in text
 * format, in a session whose TimeZone is UTC, and in one snapshot.
 */
export function compile(plan: Plan, context: CompileContext): Compiled {
  if (!(context.minCohort >= 2 && context.rounding >= 1 && context.maxRows >= 1 && context.pseudonymKey.length >= 16))
    throw new RangeError(
      "minCohort must be at least 2, rounding and maxRows at least 1, pseudonymKey at least 16 bytes",
    );
  const unlicensed = plan.fields & ~context.fields;
  const named = numberFields(context.description).filter(({ number }) => (unlicensed & (1n << BigInt(number))) !== 0n);
  if (unlicensed !== 0n) throw new FieldUnlicensed(named.map((field) => `${field.table}.${field.name}`));
  return plan.select.shape === "Groups" ? compileGroups(plan.select, context) : compileRows(plan.select, context);
}
