import type { FieldType } from "../domain/dataset.ts";
import { allTypes, inferType, isZoneless, typeBits, typesOf } from "./inferType.ts";
import { type Pattern, patternOf, patterns } from "./patterns.ts";
import { addToSketch, countDistinct, createSketch, type Sketch } from "./sketch.ts";

/** What one pass over a column gathers, in memory that does not grow with the file. */
export type Gatherer = {
  readonly name: string;
  readonly sketch: Sketch;
  readonly counts: Record<Pattern, number>;
  previous: string;
  values: number;
  types: number;
  numbers: number;
  zoneless: boolean;
  length: number;
};

/** A column as found in the file. `distinct` is exact up to 8,192 values and an estimate beyond; shares are of non-empty values. */
export type ColumnProfile = {
  readonly name: string;
  readonly fieldType: FieldType;
  readonly values: number;
  readonly distinct: number;
  readonly numericShare: number;
  readonly meanLength: number;
  readonly zoneless: boolean;
  readonly shares: Readonly<Record<Pattern, number>>;
  readonly sketch: Sketch;
};

export function createGatherer(name: string): Gatherer {
  const counts = Object.fromEntries(patterns.map((pattern) => [pattern, 0])) as Record<Pattern, number>;
  const zero = { previous: "", values: 0, types: allTypes, numbers: 0, zoneless: false, length: 0 };
  return { name, sketch: createSketch(), counts, ...zero };
}

/** Takes in one value; the empty string is no value. */
export function gather(column: Gatherer, value: string): void {
  if (value === "") return;
  const types = typesOf(value);
  column.values++;
  column.types &= types;
  column.length += value.length;
  if ((types & typeBits.Decimal) !== 0) column.numbers++;
  else if (types === typeBits.Timestamp && !column.zoneless) column.zoneless = isZoneless(value);
  const pattern = patternOf(value);
  if (pattern !== undefined) column.counts[pattern]++;
  if (value !== column.previous) addToSketch(column.sketch, value);
  column.previous = value;
}

export function summarize(column: Gatherer): ColumnProfile {
  const share = (count: number): number => (column.values === 0 ? 0 : count / column.values);
  const shares = Object.fromEntries(patterns.map((pattern) => [pattern, share(column.counts[pattern])]));
  const fieldType = inferType(column.types, column.values);
  return {
    name: column.name,
    fieldType,
    values: column.values,
    distinct: Math.min(column.values, countDistinct(column.sketch)),
    numericShare: share(column.numbers),
    meanLength: share(column.length),
    zoneless: fieldType === "Timestamp" && column.zoneless,
    shares: shares as Record<Pattern, number>,
    sketch: column.sketch,
  };
}
