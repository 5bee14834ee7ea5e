import { type Expression, isNumeric, type ValueType } from "./expression.ts";

/**
 * One aggregate. `args`: how many; `measures`: its arguments are summed, so they must be measures; `perPatientOnly`: may only condense the
 * rows of one patient, since it gives out single values; `type` of the result.
 */
export type Aggregate = {
  readonly args: 1 | 2;
  readonly measures: boolean;
  readonly perPatientOnly: boolean;
  readonly type: (args: readonly Expression[]) => ValueType | undefined;
};

const integer = (): ValueType => "Integer";
const numeric = (args: readonly Expression[]): ValueType | undefined =>
  args.every((arg) => isNumeric(arg.type)) ? "Decimal" : undefined;
const measure = (args: 1 | 2): Aggregate => ({ args, measures: true, perPatientOnly: false, type: numeric });
const extreme: Aggregate = {
  args: 1,
  measures: false,
  perPatientOnly: true,
  type: ([arg]) => (arg?.type === "Interval" || arg?.type === "Boolean" ? undefined : arg?.type),
};

export const aggregates = {
  count: { args: 1, measures: false, perPatientOnly: false, type: integer },
  sum: measure(1),
  avg: measure(1),
  stddev: measure(1),
  stddev_samp: measure(1),
  stddev_pop: measure(1),
  variance: measure(1),
  var_samp: measure(1),
  var_pop: measure(1),
  percentile_cont: measure(1),
  corr: measure(2),
  covar_pop: measure(2),
  covar_samp: measure(2),
  regr_slope: measure(2),
  regr_intercept: measure(2),
  regr_r2: measure(2),
  regr_avgx: measure(2),
  regr_avgy: measure(2),
  regr_count: {
    args: 2,
    measures: false,
    perPatientOnly: false,
    type: (args) => (numeric(args) ? "Integer" : undefined),
  },
  min: extreme,
  max: extreme,
} satisfies { readonly [name: string]: Aggregate };

export type AggregateName = keyof typeof aggregates;

export const aggregateOf = (name: AggregateName): Aggregate => aggregates[name];

export function isAggregate(name: string): name is AggregateName {
  return Object.hasOwn(aggregates, name);
}

/** What to use in place of aggregates that give out values of single patients. */
export const refusedAggregates: { readonly [name: string]: string } = {
  mode: "Group by the value and count instead.",
  percentile_disc: "Use percentile_cont(0.25), (0.5) or (0.75).",
  array_agg: "Lists of values do not leave; use counts, averages or quartiles.",
  string_agg: "Lists of values do not leave; group by the value and count instead.",
  json_agg: "Lists of values do not leave; use counts, averages or quartiles.",
  jsonb_agg: "Lists of values do not leave; use counts, averages or quartiles.",
  json_object_agg: "Lists of values do not leave; use counts, averages or quartiles.",
  xmlagg: "Lists of values do not leave; use counts, averages or quartiles.",
  bool_and: "Use count(case when ... then 1 end).",
  bool_or: "Use count(case when ... then 1 end).",
  every: "Use count(case when ... then 1 end).",
  any_value: "Group by the value instead.",
};

export const extremeHint =
  "It would give out the value of one patient. Use percentile_cont(0.25), (0.5) or (0.75), or take it per patient in a WITH query grouped by the patient key.";
