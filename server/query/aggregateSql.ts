import type { AggregateName } from "./aggregates.ts";
import type { Cell } from "./plan.ts";

/** A number within the bounds of floating point; beyond, NULL. */
const float = (sql: string): string =>
  `CASE WHEN abs((${sql})::numeric) < 1e50 THEN round((${sql})::numeric, 50)::float8 END`;

export function percentileSql(fraction: Cell["fraction"], sql: string): string {
  return `(percentile_cont(${fraction}) WITHIN GROUP (ORDER BY ${float(sql)}))::numeric`;
}

const numeric = (name: string) => (sql: string) => `${name}((${sql})::numeric)`;

/** Aggregates over the rows of one patient; two-column ones stand only over groups of patients. */
const oneColumn: { readonly [name in AggregateName]?: (sql: string) => string } = {
  count: (sql) => `count(${sql})`,
  sum: numeric("sum"),
  avg: numeric("avg"),
  stddev: numeric("stddev_samp"),
  stddev_samp: numeric("stddev_samp"),
  stddev_pop: numeric("stddev_pop"),
  variance: numeric("var_samp"),
  var_samp: numeric("var_samp"),
  var_pop: numeric("var_pop"),
  min: (sql) => `min(${sql})`,
  max: (sql) => `max(${sql})`,
};

/** An aggregate as PostgreSQL computes it, for groups of one patient each. */
export function aggregateSql(cell: Cell | undefined, sql: string): string {
  if (cell === undefined) throw new Error("the plan names a cell that it does not have");
  const { aggregate, args, distinct, fraction } = cell;
  if (args[0] === undefined) return "count(*)";
  if (distinct) return `count(DISTINCT ${sql})`;
  if (fraction !== null) return percentileSql(fraction, sql);
  const write = oneColumn[aggregate];
  if (write === undefined) throw new Error(`${aggregate} was not refused when it was read`);
  return write((aggregate === "min" || aggregate === "max") && args[0].type === "Text" ? `${sql} COLLATE "C"` : sql);
}

/** Names of the aggregates that may condense the rows of one patient. */
export function condensesOnePatient(name: AggregateName): boolean {
  return name === "percentile_cont" || Object.hasOwn(oneColumn, name);
}
