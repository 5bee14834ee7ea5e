import { type Affine, affineOf } from "./affine.ts";
import type { AggregateName } from "./aggregates.ts";
import { call } from "./build.ts";
import type { Expression, Interner } from "./expression.ts";
import type { Cell } from "./plan.ts";

/** What a measure is in terms of others: made of released figures only. */
type Normal = (cell: Cell, argsOf: readonly Affine[], made: Maker) => Expression;
type Maker = {
  /** The released value of a cell. */
  readonly cell: (cell: Cell) => Expression;
  readonly call: (name: "add" | "multiply" | "divide" | "abs" | "negate", ...args: Expression[]) => Expression;
};

/**
 * Writes a measure over constants of the consumer as the same measure without them: `avg(2 * x - 3)` is `2 * avg(x) - 3`. So a figure is
 * told once, however often it is asked for under other constants. Undefined for what has no such form.
 */
export function normalForm(intern: Interner, cell: Cell, read: (cell: Cell) => Expression): Expression | undefined {
  const normal = normals[cell.aggregate];
  const argsOf = cell.args.map((arg) => affineOf(intern, arg));
  if (normal === undefined || argsOf.some(({ core }) => core === null)) return undefined;
  if (argsOf.every(({ scale, shift }) => scale === null && shift === null)) return undefined;
  const made: Maker = { cell: read, call: (name, ...args) => call(intern, name, args, cell.aggregate) };
  return normal(cell, argsOf, made);
}

const core = (cell: Cell, argsOf: readonly Affine[]): Cell => ({
  ...cell,
  args: argsOf.map(({ core }, index) => core ?? (cell.args[index] as Expression)),
});

const times = (
  { call }: Maker,
  value: Expression,
  ...factors: readonly (Expression | null | undefined)[]
): Expression => factors.reduce<Expression>((all, factor) => (factor ? call("multiply", all, factor) : all), value);
const plus = ({ call }: Maker, value: Expression, shift: Expression | null | undefined): Expression =>
  shift ? call("add", value, shift) : value;

/** Of the argument at `place` the mean is told; it moves with it. */
const mean =
  (place: 0 | 1): Normal =>
  (cell, argsOf, made) =>
    plus(made, times(made, made.cell(core(cell, argsOf)), argsOf[place]?.scale), argsOf[place]?.shift);

const turns = { "0.25": "0.75", "0.5": "0.5", "0.75": "0.25" } as const;

const percentile: Normal = (cell, argsOf, made) => {
  const fraction = cell.fraction !== null && argsOf[0]?.turned === true ? turns[cell.fraction] : cell.fraction;
  return mean(0)({ ...cell, fraction }, argsOf, made);
};

const sum: Normal = (cell, argsOf, made) => {
  const plain = core(cell, argsOf);
  const [{ scale, shift } = { scale: null, shift: null }] = argsOf;
  const count = shift && times(made, made.cell({ ...plain, aggregate: "count" }), shift);
  return plus(made, times(made, made.cell(plain), scale), count);
};

const deviation: Normal = (cell, argsOf, made) => {
  const scale = argsOf[0]?.scale;
  return times(made, made.cell(core(cell, argsOf)), scale && made.call("abs", scale));
};

const variance: Normal = (cell, argsOf, made) =>
  times(made, made.cell(core(cell, argsOf)), argsOf[0]?.scale, argsOf[0]?.scale);

const covariance: Normal = (cell, argsOf, made) =>
  times(made, made.cell(core(cell, argsOf)), argsOf[0]?.scale, argsOf[1]?.scale);

const correlation: Normal = (cell, argsOf, made) => {
  const value = made.cell(core(cell, argsOf));
  return argsOf[0]?.turned === argsOf[1]?.turned ? value : made.call("negate", value);
};

const slope: Normal = (cell, argsOf, made) => {
  const value = times(made, made.cell(core(cell, argsOf)), argsOf[0]?.scale);
  return argsOf[1]?.scale ? made.call("divide", value, argsOf[1].scale) : value;
};

const normals: { readonly [name in AggregateName]?: Normal } = {
  sum,
  avg: mean(0),
  percentile_cont: percentile,
  stddev: deviation,
  stddev_samp: deviation,
  stddev_pop: deviation,
  variance,
  var_samp: variance,
  var_pop: variance,
  corr: correlation,
  covar_pop: covariance,
  covar_samp: covariance,
  regr_slope: slope,
  regr_r2: (cell, argsOf, made) => made.cell(core(cell, argsOf)),
  regr_avgx: mean(1),
  regr_avgy: mean(0),
  // An intercept moves with y alone; where x starts changes what it is.
  regr_intercept: (cell, argsOf, made) => {
    const [y, x] = argsOf;
    if (y === undefined || x === undefined) throw new Error("an intercept lacks an argument");
    return mean(0)(cell, [y, { core: cell.args[1] ?? null, scale: null, shift: null, turned: false }], made);
  },
};
