import type { NumberedField } from "../domain/dataset.ts";
import type { Column, Expression, ValueType } from "./expression.ts";
import { operationOf } from "./operations.ts";

/** Collects the values that the statement binds. */
export type Values = {
  /** Binds a value; gives what stands for it in the text until `place`. */
  readonly bind: (value: string, sqlType: string) => string;
  /** Numbers the placeholders as they occur in the text; values that do not occur are left out. */
  readonly place: (text: string) => { readonly text: string; readonly values: readonly string[] };
};

/** No identifier can hold the NUL that marks a value: `quote` refuses it. */
export function createValues(): Values {
  const bound: string[] = [];
  const place: Values["place"] = (text) => {
    const numbers = new Map<number, number>();
    const placed = text.replace(/\0(\d+)\0/g, (_, index) => {
      const number = numbers.get(Number(index)) ?? numbers.size + 1;
      numbers.set(Number(index), number);
      return `$${number}`;
    });
    return { text: placed, values: [...numbers.keys()].map((index) => bound[index] ?? "") };
  };
  return { bind: (value, sqlType) => `\0${bound.push(value) - 1}\0::${sqlType}`, place };
}

/** Writes what is not computed: columns, and, above groups, keys and cells. */
export type Leaves = {
  readonly column: (column: Column) => string;
  readonly key: (key: number) => string;
  readonly cell: (cell: number) => string;
};

const unreachable = (): never => {
  throw new Error("a leaf stands where the plan has none");
};

/** Leaves over source columns only. */
export function rowLeaves(column: Leaves["column"]): Leaves {
  return { column, key: unreachable, cell: unreachable };
}

/** Leaves over the columns of grouped rows. */
export function groupLeaves(key: Leaves["key"], cell: Leaves["cell"]): Leaves {
  return { column: unreachable, key, cell };
}

const sqlTypes: { readonly [T in ValueType]: string } = {
  Text: "text",
  Integer: "bigint",
  Decimal: "numeric",
  Boolean: "boolean",
  Date: "date",
  Timestamp: "timestamp",
  Interval: "interval",
};

/** Gives a writer of expressions; equal expressions share their placeholders. */
export function createEmitter(values: Values, leaves: Leaves): (expression: Expression) => string {
  const written = new Map<Expression, string>();
  const writers: { readonly [K in Expression["kind"]]: (expression: Extract<Expression, { kind: K }>) => string } = {
    Column: leaves.column,
    Key: ({ key }) => leaves.key(key),
    Cell: ({ cell }) => leaves.cell(cell),
    Literal: ({ type, value }) => {
      if (value === null) return `NULL::${sqlTypes[type]}`;
      return values.bind(value, type === "Integer" && value.length > 18 ? "numeric" : sqlTypes[type]);
    },
    Call: ({ operation, args }) => `(${operationOf(operation).emit(args.map(emit), args)})`,
  };
  const emit = (expression: Expression): string => {
    const known = written.get(expression);
    if (known !== undefined) return known;
    const sql = (writers[expression.kind] as (expression: Expression) => string)(expression);
    written.set(expression, sql);
    return sql;
  };
  return emit;
}

/** Quotes a name that comes from the dataset's description. */
export function quote(name: string): string {
  if (name === "" || name.includes("\0"))
    throw new Error("the dataset's description holds a name that no table can have");
  return `"${name.replaceAll('"', '""')}"`;
}

/** Bounds within which no accepted operation can overflow; NaN, infinities and years outside 1 to 9999 become NULL. */
const fieldForms: { readonly [T in NumberedField["fieldType"]]: (sql: string) => string } = {
  Text: (sql) => `${sql}::text`,
  Integer: (sql) => sql,
  Decimal: (sql) =>
    `CASE WHEN ${sql}::numeric BETWEEN -1e30 AND 1e30 AND scale(${sql}::numeric) <= 60 THEN ${sql}::numeric END`,
  Boolean: (sql) => sql,
  Date: (sql) => `CASE WHEN ${sql} BETWEEN '0001-01-01' AND '9999-12-31' THEN ${sql}::date END`,
  Timestamp: (sql) => `CASE WHEN ${sql} BETWEEN '0001-01-01' AND '9999-12-31' THEN ${sql}::timestamp END`,
};

/** A field of a governed view in its canonical form. */
export function fieldSql(alias: string, field: NumberedField): string {
  return fieldForms[field.fieldType](`${alias}.${quote(field.name)}`);
}

/** An output as text that does not depend on the session: ISO dates, UTC times, decimals without trailing zeros. */
const outputForms: { readonly [T in Exclude<ValueType, "Interval">]: (sql: string) => string } = {
  Text: (sql) => sql,
  Integer: (sql) => `${sql}::text`,
  Decimal: (sql) => `trim_scale(${sql})::text`,
  Boolean: (sql) => `${sql}::text`,
  Date: (sql) => `to_char(${sql}, 'YYYY-MM-DD')`,
  Timestamp: (sql) => `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
};

export function outputSql(type: ValueType, sql: string): string {
  return type === "Interval" ? unreachable() : outputForms[type](sql);
}
