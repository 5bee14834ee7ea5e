import type { AggregateName } from "./aggregates.ts";

/** Digits to which everything but counts is rounded, so that sums cannot be taken apart. */
export const significantDigits = 4;

/** Rounds a column to the significant digits. */
export function significant(column: string): string {
  const digits = `(${significantDigits - 1} - floor(log(abs(${column}))))::integer`;
  return `CASE WHEN ${column} = 0 THEN 0 ELSE round(${column}, ${digits}) END`;
}

/** Rounds a count to the base. */
export function roundedCount(column: string, base: string): string {
  return `(round(${column} / ${base}) * ${base})::bigint`;
}

/** Which exact sums of its arguments y, x a value is made of, over rows where all of them are present. */
export type Sum = "y" | "x" | "yy" | "xx" | "xy";
type Formula = { readonly sums: readonly Sum[]; readonly value: (n: string, sum: (name: Sum) => string) => string };

const spread = (n: string, square: string, plain: string): string =>
  `greatest(${n} * ${square} - ${plain} * ${plain}, 0)`;
const over = (dividend: string, divisor: string): string => `(${dividend}) / nullif(${divisor}, 0)`;

const variance = (root: boolean, sample: boolean): Formula => ({
  sums: ["y", "yy"],
  value: (n, sum) => {
    const value = over(spread(n, sum("yy"), sum("y")), sample ? `(${n} * (${n} - 1))` : `(${n} * ${n})`);
    return root ? `sqrt(${value})` : value;
  },
});

const bivariate = (
  value: (n: string, parts: Record<"cov" | "vx" | "vy", string>, sum: (name: Sum) => string) => string,
): Formula => ({
  sums: ["y", "x", "yy", "xx", "xy"],
  value: (n, sum) =>
    value(
      n,
      {
        cov: `(${n} * ${sum("xy")} - ${sum("x")} * ${sum("y")})`,
        vx: spread(n, sum("xx"), sum("x")),
        vy: spread(n, sum("yy"), sum("y")),
      },
      sum,
    ),
});

/** From exact sums, so that the order of rows does not matter. `n` counts the rows. Counts and percentiles are not made of sums. */
export const formulas: { readonly [name in AggregateName]?: Formula } = {
  sum: { sums: ["y"], value: (_, sum) => sum("y") },
  avg: { sums: ["y"], value: (n, sum) => over(sum("y"), n) },
  stddev: variance(true, true),
  stddev_samp: variance(true, true),
  stddev_pop: variance(true, false),
  variance: variance(false, true),
  var_samp: variance(false, true),
  var_pop: variance(false, false),
  corr: bivariate((_, { cov, vx, vy }) => over(cov, `sqrt(${vx} * ${vy})`)),
  covar_pop: bivariate((n, { cov }) => over(cov, `(${n} * ${n})`)),
  covar_samp: bivariate((n, { cov }) => over(cov, `(${n} * (${n} - 1))`)),
  regr_slope: bivariate((_, { cov, vx }) => over(cov, vx)),
  regr_intercept: bivariate((_, { vx }, sum) => over(`${sum("y")} * ${sum("xx")} - ${sum("x")} * ${sum("xy")}`, vx)),
  regr_r2: bivariate(
    (_, { cov, vx, vy }) =>
      `CASE WHEN ${vx} = 0 THEN NULL WHEN ${vy} = 0 THEN 1 ELSE ${cov} * ${cov} / nullif(${vx} * ${vy}, 0) END`,
  ),
  regr_avgx: { sums: ["x"], value: (n, sum) => over(sum("x"), n) },
  regr_avgy: { sums: ["y"], value: (n, sum) => over(sum("y"), n) },
};
