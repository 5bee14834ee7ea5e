/**
 * A number as floating point that never fails, nor does a product of two: NULL where it is too large to compute with, 0 where it is too
 * small. A field is neither, see `fieldSql`.
 */
export function floatSql(isField: boolean, sql: string): string {
  if (isField) return `(${sql})::float8`;
  const number = `(${sql})::numeric`;
  return `CASE WHEN abs(${number}) < 1e50 THEN round(${number}, 50)::float8 END`;
}
