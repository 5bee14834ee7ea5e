import { type AggregateName, aggregateOf } from "./aggregates.ts";
import type { Nulls } from "./expression.ts";
import type { Cell, PatientClass, Select } from "./plan.ts";
import { precisionOf } from "./released.ts";

/** The rules of disclosure control, as SQL conditions over one row per patient of a group. */

/** How many cohorts must stand behind a quartile: one on each side of it. */
const cohortsFor = { "0.25": 4, "0.5": 2, "0.75": 4 } as const;

const sourcesOf = ({ members }: PatientClass): number => members.reduce((bits, { source }) => bits | (1 << source), 0);
const mentions = (expressions: Select["where"], of: PatientClass): boolean =>
  expressions.some(({ traits }) => (traits.sources & sourcesOf(of)) !== 0);
const noneOrEnough = (count: string, enough: string): string => `(${count} = 0 OR ${count} >= ${enough})`;

/** Whether a group may leave, by the patients of one class: enough of them, or, where rows may lack them and no condition names them, any. */
export function groupGuard(select: Select, of: PatientClass, cohort: string): string {
  if (!of.nullable) return `count(k) >= ${cohort}`;
  return mentions([...select.where, ...select.keys], of) ? noneOrEnough("count(k)", cohort) : "true";
}

/** Whether the patients of the class are the very thing that the cell counts. */
export function countsClass(select: Select, cell: Cell, of: PatientClass): boolean {
  const [arg] = cell.args;
  if (cell.aggregate !== "count" || !cell.distinct || arg === undefined) return false;
  const counted = arg.kind === "Call" && arg.operation === "case" ? arg.args[1] : arg;
  return (
    counted?.kind === "Column" &&
    counted.key !== null &&
    of.members.some(({ source, key }) => source === counted.source && key === counted.key) &&
    select.classes.includes(of)
  );
}

/**
 * Whether a cell may leave, by the patients of one class. `c` is the column that counts a patient's contributing rows, `s` the sums of its
 * arguments, each with `m`, its mean.
 */
export function cellGuard(select: Select, cell: Cell, of: PatientClass, cohort: string, columns: GuardColumns): string {
  const contributors = contributorsOf(columns);
  if (!concerns(cell, of)) return cell.distinct ? "true" : noneOrEnough(contributors, cohort);
  const enough = cell.fraction === null ? cohort : `${cohortsFor[cell.fraction]} * ${cohort}`;
  const others = countsClass(select, cell, of)
    ? `(count(k) - ${contributors})`
    : `count(*) FILTER (WHERE k IS NOT NULL AND n > ${columns.count})`;
  const complement = { Whole: [], Partial: [noneOrEnough(others, cohort)], Conditional: [`${others} >= ${cohort}`] }[
    nullsOf(cell)
  ];
  return [
    `${contributors} >= ${enough}`,
    ...complement,
    ...dominance(cell, columns),
    ...variety(cell, cohort, columns),
  ].join(" AND ");
}

/** Per patient: how many rows contribute, and of each argument its sum and mean, with how many patients have the same sum, the same mean. */
export type GuardColumns = {
  readonly count: string;
  readonly sums: readonly {
    readonly of: "y" | "x";
    readonly sum: string;
    readonly mean: string;
    readonly alikeSum: string;
    readonly alikeMean: string;
  }[];
};

/** Whether the cell tells of the patients of the class. */
export const concerns = (cell: Cell, of: PatientClass): boolean => !of.nullable || mentions(cell.args, of);

const contributorsOf = ({ count }: GuardColumns): string => `count(*) FILTER (WHERE k IS NOT NULL AND ${count} > 0)`;

/** One differs like none differs: enough patients give something else than what most patients give. */
function variety(cell: Cell, cohort: string, { sums }: GuardColumns): string[] {
  if (!aggregateOf(cell.aggregate).measures) return [];
  return sums.flatMap(({ sum, alikeSum, mean, alikeMean }) =>
    [
      [sum, alikeSum],
      [mean, alikeMean],
    ].map(([value, alike]) => {
      const given = `FILTER (WHERE k IS NOT NULL AND ${value} IS NOT NULL)`;
      return `count(*) ${given} - max(${alike}) ${given} >= ${cohort}`;
    }),
  );
}

/** What the base's patients of a class are worth to the cell: a step, or, where digits are kept, how many times the base there are. */
export function worth(cell: Cell, base: string, columns: GuardColumns): string {
  const precision = precisionOf(cell.aggregate);
  const patients = `nullif(${contributorsOf(columns)}, 0)`;
  if (!("step" in precision)) return `${patients} / ${base}`;
  const of = (letter: "y" | "x", column: "sum" | "mean"): Record<"low" | "high", string> => {
    const name = columns.sums.find((sums) => sums.of === letter)?.[column];
    if (name === undefined) throw new Error("a cell lacks the sum that its precision needs");
    return { low: `min(${name}) FILTER (WHERE k IS NOT NULL)`, high: `max(${name}) FILTER (WHERE k IS NOT NULL)` };
  };
  const range = ({ low, high }: Record<"low" | "high", string>): string => `(${high} - ${low})`;
  if (precision.step === "Sum") {
    // A patient who is absent gives 0.
    const { low, high } = of("y", "sum");
    return `${base} * (greatest(${high}, 0) - least(${low}, 0))`;
  }
  if (precision.step !== "Intercept") return `${base} * ${range(of(precision.step, "mean"))} / ${patients}`;
  // An intercept is as far off as x is from 0, in ranges of x.
  const x = of("x", "mean");
  const far = `greatest(abs(${x.low}), abs(${x.high})) / nullif(${range(x)}, 0)`;
  return `${base} * ${range(of("y", "mean"))} / ${patients} * (1 + ${far})`;
}

const means: readonly AggregateName[] = ["regr_avgx", "regr_avgy"];

/** What the rest of the group would give back, for the cell as a whole. */
function nullsOf({ aggregate, args }: Cell): Nulls {
  const all = args.map((arg) => arg.traits.nulls);
  if (all.includes("Conditional")) return "Conditional";
  return all.includes("Partial") || means.includes(aggregate) ? "Partial" : "Whole";
}

/**
 * No patient gives more than half of the rows, half of the sum, or half of the spread between patients. The last does not change when the
 * consumer adds a constant.
 */
function dominance(cell: Cell, { count, sums }: GuardColumns): string[] {
  if (cell.distinct) return [];
  const of = (aggregate: string): string => `${aggregate} FILTER (WHERE k IS NOT NULL)`;
  const rows = `2 * ${of(`max(${count})`)} <= ${of(`sum(${count})`)}`;
  if (!aggregateOf(cell.aggregate).measures) return [rows];
  const shares = sums.flatMap(({ sum, mean }) => {
    const [low, high, center] = [of(`min(${mean})`), of(`max(${mean})`), of(`avg(${mean})`)];
    const [below, above] = [`(${center} - ${low})`, `(${high} - ${center})`];
    return [
      `2 * ${of(`max(abs(${sum}))`)} <= ${of(`sum(abs(${sum}))`)}`,
      `(${low} = ${high} OR 2 * greatest(${below} * ${below}, ${above} * ${above}) <= ${of(`var_pop(${mean})`)} * ${of(`count(${mean})`)})`,
    ];
  });
  return [rows, ...(cell.fraction === null ? shares : [])];
}
