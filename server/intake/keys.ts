import type { ColumnProfile } from "./profile.ts";
import { containment } from "./sketch.ts";

/** True if every row has a value of its own, as far as the sample tells. */
export function isKey(column: ColumnProfile, rows: number): boolean {
  if (column.fieldType !== "Text" && column.fieldType !== "Integer") return false;
  return column.values === rows && column.distinct >= (rows > 8_192 ? 0.95 : 1) * rows;
}

/** True if the values of `inner` that the samples can compare are all in `outer`; a few must be comparable, or all there are. */
export function isContained(inner: ColumnProfile, outer: ColumnProfile): boolean {
  const { compared, hits } = containment(inner.sketch, outer.sketch);
  return compared > 0 && hits === compared && compared >= Math.min(8, inner.distinct);
}

/** Writes the name of a table in the singular: `payers`, `allergies`, `supplies`. */
export function singular(table: string): string {
  return table.replace(/ies$/, "y").replace(/(?<!s)s$/, "");
}
