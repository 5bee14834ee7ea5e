import type { AggregateName } from "./aggregates.ts";

/** Digits to which everything but counts is rounded at most. */
export const significantDigits = 4;

/** A computed value without the last digits, which depend on the order of additions. */
function settled(value: string): string {
  return `CASE WHEN ${value} = 0 THEN 0 ELSE round((${value})::numeric, (11 - floor(log(abs(${value}))))::integer) END`;
}

/**
 * Rounds a value to a step, and to the significant digits besides. The step is rounded up to 1, 2 or 5 times a power of ten, so that it
 * tells little of the values from which it is made; its inverse is exact. The millionth keeps averages of thirds from deciding.
 */
export function toStep(value: string, step: string): string {
  const power = `SELECT s.value, s.step, ('1e' || floor(log(s.step))::integer)::numeric AS ten FROM (SELECT ${settled(value)} AS value, nullif(${step}, 0) AS step) AS s`;
  const rounds = [1, 2, 5].map((times) => `WHEN p.step <= ${times}.000001 * p.ten THEN ${times} * p.ten`).join(" ");
  const steps = `SELECT p.value, CASE ${rounds} ELSE 10 * p.ten END AS step FROM (${power}) AS p`;
  const stepped = `SELECT round(u.value * (1 / u.step)) * u.step AS value FROM (${steps}) AS u`;
  const digits = `(${significantDigits - 1} - floor(log(abs(w.value)::float8)))::integer`;
  return `(SELECT CASE WHEN w.value = 0 THEN 0 ELSE round(w.value, ${digits}) END FROM (${stepped}) AS w)`;
}

/** Rounds a value to as many digits of its scale as there are powers of ten in `worth`, 1 to 4. No scale: the decimals of a ratio. */
export function toDigits(value: string, worth: string, scale: string | null): string {
  const digits = `least(floor(log(greatest(${worth} * 1.000001, 1))) + 1, ${significantDigits})`;
  const places = scale === null ? digits : `${digits} - 1 - floor(log(nullif(${scale}, 0)))`;
  return `CASE WHEN ${value} = 0 THEN 0 ELSE round(${settled(value)}, (${places})::integer) END`;
}

/** Rounds a count to the base. */
export function roundedCount(column: string, base: string): string {
  return `(round((${column})::numeric / ${base}) * ${base})::bigint`;
}

/** Which sums of its arguments y, x a value is made of, over rows where all of them are present. */
export type Sum = "y" | "x" | "yy" | "xx" | "xy";
type Sums = (name: Sum) => string;
/**
 * How exactly a value is told. By a step: what the base's patients are worth to a sum, to an average of y or x, or to an intercept. By
 * digits of a scale that adding constants does not move: "Value" is the value itself, "Ratio" 1, otherwise the bound of the absolute value.
 */
export type Precision =
  | { readonly step: "Sum" | "y" | "x" | "Intercept" }
  | { readonly scale: "Value" | "Ratio" | ((n: string, sum: Sums) => string) };
type Formula = {
  readonly sums: readonly Sum[];
  readonly precision: Precision;
  readonly value: (n: string, sum: Sums) => string;
};

/** A spread that is nothing beside the values themselves is lost in their last digits, and NULL. */
const spread = (n: string, square: string, plain: string): string =>
  `CASE WHEN ${n} * ${square} - ${plain} * ${plain} > 1e-8 * ${n} * ${square} THEN ${n} * ${square} - ${plain} * ${plain} END`;
const over = (dividend: string, divisor: string): string => `(${dividend}) / nullif(${divisor}, 0)`;
const varies = (of: "y" | "x", n: string, sum: Sums): string =>
  `(${spread(n, sum(of === "y" ? "yy" : "xx"), sum(of))})`;
const bound = (n: string, sum: Sums): string => `sqrt(${varies("x", n, sum)} * ${varies("y", n, sum)})`;

const variance = (root: boolean, sample: boolean): Formula => ({
  sums: ["y", "yy"],
  precision: { scale: "Value" },
  value: (n, sum) => {
    const value = over(spread(n, sum("yy"), sum("y")), sample ? `(${n} * (${n} - 1))` : `(${n} * ${n})`);
    return root ? `sqrt(${value})` : value;
  },
});

const bivariate = (
  precision: Precision,
  value: (n: string, parts: Record<"cov" | "vx" | "vy", string>, sum: Sums) => string,
): Formula => ({
  sums: ["y", "x", "yy", "xx", "xy"],
  precision,
  value: (n, sum) =>
    value(
      n,
      {
        cov: `(${n} * ${sum("xy")} - ${sum("x")} * ${sum("y")})`,
        vx: varies("x", n, sum),
        vy: varies("y", n, sum),
      },
      sum,
    ),
});

const ratio: Precision = { scale: "Ratio" };
const covariance: Precision = { scale: (n, sum) => over(bound(n, sum), `(${n} * ${n})`) };
const slope: Precision = { scale: (n, sum) => `sqrt(${over(varies("y", n, sum), varies("x", n, sum))})` };

/** From sums in floating point; what leaves has fewer digits than depend on their order. `n` counts the rows. Counts and percentiles are not made of sums. */
export const formulas: { readonly [name in AggregateName]?: Formula } = {
  sum: { sums: ["y"], precision: { step: "Sum" }, value: (_, sum) => sum("y") },
  avg: { sums: ["y"], precision: { step: "y" }, value: (n, sum) => over(sum("y"), n) },
  stddev: variance(true, true),
  stddev_samp: variance(true, true),
  stddev_pop: variance(true, false),
  variance: variance(false, true),
  var_samp: variance(false, true),
  var_pop: variance(false, false),
  corr: bivariate(ratio, (_, { cov, vx, vy }) => over(cov, `sqrt(${vx} * ${vy})`)),
  covar_pop: bivariate(covariance, (n, { cov }) => over(cov, `(${n} * ${n})`)),
  covar_samp: bivariate(covariance, (n, { cov }) => over(cov, `(${n} * (${n} - 1))`)),
  regr_slope: bivariate(slope, (_, { cov, vx }) => over(cov, vx)),
  regr_intercept: bivariate({ step: "Intercept" }, (_, { vx }, sum) =>
    over(`${sum("y")} * ${sum("xx")} - ${sum("x")} * ${sum("xy")}`, vx),
  ),
  regr_r2: bivariate(ratio, (_, { cov, vx, vy }) => over(`${cov} * ${cov}`, `${vx} * ${vy}`)),
  regr_avgx: { sums: ["x"], precision: { step: "x" }, value: (n, sum) => over(sum("x"), n) },
  regr_avgy: { sums: ["y"], precision: { step: "y" }, value: (n, sum) => over(sum("y"), n) },
};

/** The precision of a measure: percentiles are told as exactly as averages. */
export const precisionOf = (aggregate: AggregateName): Precision => formulas[aggregate]?.precision ?? { step: "y" };
