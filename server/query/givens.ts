import { aggregateOf } from "./aggregates.ts";
import type { Expression } from "./expression.ts";
import { floatSql } from "./floatSql.ts";
import type { Cell, Select } from "./plan.ts";
import { formulas, type Sum } from "./released.ts";

export type Letter = "y" | "x";

/**
 * What the rows give to one cell or to several: its arguments, in the columns of rows. `n<index>` counts the rows where all of them are
 * present; each of `sums` is `s<index>_<sum>`.
 */
export type Given = {
  readonly index: number;
  /** What is counted. */
  readonly counted: string;
  /** The arguments that are summed, absent where one of them is; `number` is the argument alone. */
  readonly letters: readonly { readonly letter: Letter; readonly sql: string; readonly number: string }[];
  readonly sums: ReadonlyMap<Sum, string>;
};

export type Givens = {
  readonly list: readonly Given[];
  /** What each cell takes. */
  readonly of: (cell: number) => Given;
  /** The columns of the rows that hold the arguments; `emit` writes an expression. */
  readonly columns: (emit: (expression: Expression) => string) => readonly string[];
};

/** The column of an argument as it stands. */
export const rawColumn = ({ id }: Expression): string => `a${id}`;

/** An argument as a number: a column, or the sum of such columns. */
export function numberSql(expression: Expression): string {
  const [first, second] = plainTerms(expression);
  if (expression.kind !== "Call" || first === undefined) return `f${expression.id}`;
  if (second === undefined) return expression.operation === "negate" ? `(- ${numberSql(first)})` : numberSql(first);
  return `(${numberSql(first)} ${expression.operation === "add" ? "+" : "-"} ${numberSql(second)})`;
}

/** The terms of a sum that need not be made of exact numbers. */
function plainTerms(expression: Expression): readonly Expression[] {
  const isSum = expression.kind === "Call" && ["add", "subtract", "negate", "toDecimal"].includes(expression.operation);
  return isSum && expression.args.every(isPlain) ? expression.args : [];
}

function isPlain(expression: Expression): boolean {
  return (expression.kind === "Column" && expression.origin !== null) || plainTerms(expression).length > 0;
}

const numbersOf = (expression: Expression): readonly Expression[] => {
  const terms = plainTerms(expression);
  return terms.length > 0 ? terms.flatMap(numbersOf) : [expression];
};

/** Collects what the cells take of the rows; equal arguments are taken once. */
export function givensOf({ cells }: Pick<Select, "cells">): Givens {
  const keys = cells.map((cell) => `${isSummed(cell)} ${cell.args.map(({ id }) => id).join(" ")}`);
  const unique = [...new Set(keys)];
  const list = unique.map((key, index) => {
    const alike = cells.filter((_, cell) => keys[cell] === key);
    return givenOf(alike, index);
  });
  const numbers = cells.filter(isSummed).flatMap((cell) => cell.args.flatMap(numbersOf));
  const summed = new Map(numbers.map((number) => [number.id, number]));
  const raw = new Map(cells.filter((cell) => !isSummed(cell)).flatMap((cell) => cell.args.map((arg) => [arg.id, arg])));
  return {
    list,
    of: (cell) => list[unique.indexOf(keys[cell] ?? "")] as Given,
    columns: (emit) => [
      ...[...summed.values()].map((arg) => `${floatSql(isPlain(arg), emit(arg))} AS ${numberSql(arg)}`),
      ...[...raw.values()].map((arg) => `${emit(arg)} AS ${rawColumn(arg)}`),
    ],
  };
}

const isSummed = ({ aggregate }: Cell): boolean => aggregateOf(aggregate).measures;

function givenOf(alike: readonly Cell[], index: number): Given {
  const [cell] = alike;
  if (cell === undefined) throw new Error("nothing is given to no cell");
  const [first, second] = cell.args;
  if (!isSummed(cell) || first === undefined) return { index, counted: countedSql(cell), letters: [], sums: new Map() };
  const wanted = new Set(alike.flatMap(({ aggregate }) => formulas[aggregate]?.sums ?? ["y" as const]));
  const sqlOf = termsOf(first, second);
  const letters = (["y", "x"] as const).filter((letter) => wanted.has(letter));
  const numbers = { y: numberSql(first), x: numberSql(second ?? first) };
  return {
    index,
    counted: sqlOf.y,
    letters: letters.map((letter) => ({ letter, sql: sqlOf[letter], number: numbers[letter] })),
    sums: new Map([...wanted].map((sum) => [sum, sqlOf[sum]])),
  };
}

function countedSql({ args: [first, second] }: Cell): string {
  if (first === undefined) return "*";
  if (second === undefined) return rawColumn(first);
  return `CASE WHEN ${rawColumn(second)} IS NOT NULL THEN ${rawColumn(first)} END`;
}

function termsOf(first: Expression, second: Expression | undefined): Record<Sum, string> {
  const y = numberSql(first);
  if (second === undefined) return { y, yy: `${y} * ${y}`, x: y, xx: y, xy: y };
  const x = numberSql(second);
  const where = (other: string, sql: string): string => `CASE WHEN ${other} IS NOT NULL THEN ${sql} END`;
  return {
    y: where(x, y),
    x: where(y, x),
    yy: where(x, `${y} * ${y}`),
    xx: where(y, `${x} * ${x}`),
    xy: `${x} * ${y}`,
  };
}
