import type { Description, NumberedField, Table } from "../domain/dataset.ts";
import type { Disclosure } from "../domain/terms.ts";
import type { AggregateName } from "./aggregates.ts";
import type { Expression } from "./expression.ts";

/** A table of the dataset; `columns` are its fields in the description's order, `used` those that the statement mentions. */
export type TableSource = {
  readonly kind: "Table";
  readonly table: Table;
  readonly fields: readonly NumberedField[];
  readonly used: ReadonlySet<number>;
};

/** A derived table or CTE. */
export type DerivedSource = { readonly kind: "Derived"; readonly select: Select };
export type Source = (TableSource | DerivedSource) & {
  readonly alias: string;
  /** One entry per patient key: whether rows may lack it. */
  readonly keys: readonly { readonly nullable: boolean }[];
};

export type From =
  | { readonly kind: "Scan"; readonly source: number }
  | {
      readonly kind: "Join";
      readonly type: "Inner" | "Left";
      readonly left: From;
      readonly right: From;
      readonly on: readonly Expression[];
    };

/** Patient keys that are equal in every row: one group of patients to count. The first member stands for all. */
export type PatientClass = {
  readonly members: readonly { readonly source: number; readonly key: number }[];
  /** Rows may lack the patient (right side of a LEFT JOIN). */
  readonly nullable: boolean;
};

/** One aggregate; `arg` null counts rows. FILTER has become a CASE around the argument. */
export type Cell = {
  readonly aggregate: AggregateName;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  /** 0.25, 0.5 or 0.75 for percentiles. */
  readonly fraction: "0.25" | "0.5" | "0.75" | null;
};

export type Output = { readonly name: string; readonly expression: Expression };
export type Order = { readonly output: number; readonly descending: boolean; readonly nullsFirst: boolean };

/**
 * "Rows": outputs over source columns. "Groups": outputs over group keys and cells.
 * "Patients": groups of which each belongs to one patient; only as a derived table, where it is as good as a table with one row a patient.
 */
export type Select = {
  readonly shape: "Rows" | "Groups" | "Patients";
  readonly sources: readonly Source[];
  readonly from: From;
  readonly where: readonly Expression[];
  readonly classes: readonly PatientClass[];
  readonly keys: readonly Expression[];
  readonly cells: readonly Cell[];
  readonly having: readonly Expression[];
  readonly outputs: readonly Output[];
  readonly order: readonly Order[];
  readonly limit: number | null;
  readonly offset: number;
};

/** A statement that is wholly within the grammar. */
export type Plan = {
  readonly description: Description;
  readonly select: Select;
  /** Bitmap of every field mentioned anywhere. */
  readonly fields: bigint;
};

/** Gives every field that the statement mentions anywhere, as a bitmap over `numberFields(description)`. */
export function fieldsOf(plan: Plan): bigint {
  return plan.fields;
}

/** Tells which disclosure the statement needs: statistics over groups, or rows. */
export function disclosureOf(plan: Plan): Disclosure {
  return plan.select.shape === "Groups" ? "Aggregate" : "Deidentified";
}
