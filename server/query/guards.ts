import { type AggregateName, aggregateOf } from "./aggregates.ts";
import type { Nulls } from "./expression.ts";
import type { Cell, PatientClass, Select } from "./plan.ts";

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
  const required = !of.nullable || mentions(cell.args, of);
  const contributors = `count(*) FILTER (WHERE k IS NOT NULL AND ${columns.count} > 0)`;
  if (!required) return cell.distinct ? "true" : noneOrEnough(contributors, cohort);
  const enough = cell.fraction === null ? cohort : `${cohortsFor[cell.fraction]} * ${cohort}`;
  const others = countsClass(select, cell, of)
    ? `(count(k) - ${contributors})`
    : `count(*) FILTER (WHERE k IS NOT NULL AND n > ${columns.count})`;
  const complement = { Whole: [], Partial: [noneOrEnough(others, cohort)], Conditional: [`${others} >= ${cohort}`] }[
    nullsOf(cell)
  ];
  return [`${contributors} >= ${enough}`, ...complement, ...dominance(cell, columns)].join(" AND ");
}

export type GuardColumns = {
  readonly count: string;
  readonly sums: readonly { readonly sum: string; readonly mean: string }[];
};

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
  return [rows, ...shares];
}
