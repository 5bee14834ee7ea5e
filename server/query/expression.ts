import type { FieldType, NumberedField } from "../domain/dataset.ts";
import type { OperationName } from "./operations.ts";

/** Interval exists only between two times inside an expression; it never leaves. */
export type ValueType = FieldType | "Interval";

/** When an expression is null: only where its one field is, where one of several is, or where a condition of the consumer says so. */
export type Nulls = "Whole" | "Partial" | "Conditional";

/** What disclosure control needs to know of an expression; computed bottom-up, once, when it is built. */
export type Traits = {
  /** Bitmap of the fields mentioned. */
  readonly fields: bigint;
  /** Bitmap of the sources mentioned. */
  readonly sources: number;
  readonly quasi: boolean;
  readonly nulls: Nulls;
  /** A Linking field as it stands, or such a field under a CASE without ELSE. */
  readonly linking: "No" | "Plain" | "Wrapped";
  /** Whether sums and averages of it can be released: arithmetic without steps, so that it cannot single out a patient. */
  readonly measure: boolean;
  /** How often fields are multiplied or added up in it. */
  readonly degree: number;
  /** A product of fields and constants. */
  readonly monomial: boolean;
};

type Built = { readonly id: number; readonly type: ValueType; readonly traits: Traits };

export type Column = Built & {
  readonly kind: "Column";
  readonly source: number;
  readonly column: number;
  /** The field that stands in the column unchanged. */
  readonly origin: NumberedField | null;
  /** Which of the source's patient keys it is. */
  readonly key: number | null;
};
/** `untyped` literals ('2024-01-01', NULL) take the type of what they meet. */
export type Literal = Built & { readonly kind: "Literal"; readonly value: string | null; readonly untyped: boolean };
export type Call = Built & {
  readonly kind: "Call";
  readonly operation: OperationName;
  readonly args: readonly Expression[];
};
/** The released value of a cell, by its place in the plan's cells; likewise a group key. */
export type CellValue = Built & { readonly kind: "Cell"; readonly cell: number };
export type KeyValue = Built & { readonly kind: "Key"; readonly key: number };

/** Equal expressions of one statement are one object: compare them by `id`. */
export type Expression = Column | Literal | Call | CellValue | KeyValue;

export const noTraits: Traits = {
  fields: 0n,
  sources: 0,
  quasi: false,
  nulls: "Whole",
  linking: "No",
  measure: true,
  degree: 0,
  monomial: true,
};

type Unbuilt<T> = T extends Built ? Omit<T, "id"> : never;

/** Gives out one object per distinct expression. */
export type Interner = (expression: Unbuilt<Expression>) => Expression;

export function createInterner(): Interner {
  const known = new Map<string, Expression>();
  return (expression) => {
    const signature = signatureOf(expression);
    const found = known.get(signature);
    if (found !== undefined) return found;
    const built = { ...expression, id: known.size } as Expression;
    known.set(signature, built);
    return built;
  };
}

const signatures: {
  readonly [K in Expression["kind"]]: (expression: Extract<Unbuilt<Expression>, { kind: K }>) => unknown[];
} = {
  Column: (column) => [column.source, column.column],
  Literal: (literal) => [literal.type, literal.untyped, literal.value],
  Call: (call) => [call.operation, call.type, ...call.args.map((arg) => arg.id)],
  Cell: (cell) => [cell.cell],
  Key: (key) => [key.key],
};

function signatureOf(expression: Unbuilt<Expression>): string {
  const describe = signatures[expression.kind] as (expression: Unbuilt<Expression>) => unknown[];
  return JSON.stringify([expression.kind, ...describe(expression)]);
}

export function isNumeric(type: ValueType): boolean {
  return type === "Integer" || type === "Decimal";
}

export function isTime(type: ValueType): boolean {
  return type === "Date" || type === "Timestamp";
}
