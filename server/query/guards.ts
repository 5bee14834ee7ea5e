import { type AggregateName, aggregateOf } from "./aggregates.ts";
import type { Nulls } from "./expression.ts";
import type { Given, Letter } from "./givens.ts";
import type { Cell, PatientClass, Select } from "./plan.ts";
import { precisionOf } from "./released.ts";
import {
  alikeColumn,
  countColumn,
  highColumn,
  largestTotal,
  lowColumn,
  meanColumn,
  sumColumn,
  type Unit,
} from "./units.ts";

/** The rules of disclosure control, as SQL conditions over the units of a group: patients, or disjoint sets of patients. */

/** How many cohorts must stand behind a quartile: one on each side of it. */
const cohortsFor = { "0.25": 4, "0.5": 2, "0.75": 4 } as const;

const sourcesOf = ({ members }: PatientClass): number => members.reduce((bits, { source }) => bits | (1 << source), 0);
const mentions = (expressions: Select["where"], of: PatientClass): boolean =>
  expressions.some(({ traits }) => (traits.sources & sourcesOf(of)) !== 0);
const noneOrEnough = (count: string, enough: string): string => `(${count} = 0 OR ${count} >= ${enough})`;

/** Whether a group may leave, by the patients of one class: enough of them, or, where rows may lack them and no condition names them, any. */
export function groupGuard(select: Select, of: PatientClass, unit: Unit, cohort: string): string {
  const patients = `count(*) FILTER (WHERE ${unit.known})`;
  if (!of.nullable) return `${patients} >= ${cohort}`;
  return mentions([...select.where, ...select.keys], of) ? noneOrEnough(patients, cohort) : "true";
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

/** What a cell is guarded by: its place in the plan, the patients of one class in units, and what the units give to it. */
export type Guarded = {
  readonly select: Select;
  readonly cell: Cell;
  readonly of: PatientClass;
  readonly unit: Unit;
  readonly given: Given;
  /** The arguments whose sums and means are at hand. */
  readonly letters: readonly Letter[];
};

/**
 * Whether a cell may leave, by the patients of one class. Where units are several patients, the condition is the stricter one that no
 * division of them can break.
 */
export function cellGuard(guarded: Guarded, cohort: string): string {
  const { select, cell, of, unit, given } = guarded;
  const contributors = contributorsOf(guarded);
  if (!concerns(cell, of)) return cell.distinct ? "true" : noneOrEnough(contributors, cohort);
  const enough = cell.fraction === null ? cohort : `${cohortsFor[cell.fraction]} * ${cohort}`;
  const others = countsClass(select, cell, of)
    ? `(count(*) FILTER (WHERE ${unit.known}) - ${contributors})`
    : `count(*) FILTER (WHERE ${unit.known} AND n > ${countColumn(given)})`;
  const complement = { Whole: [], Partial: [noneOrEnough(others, cohort)], Conditional: [`${others} >= ${cohort}`] }[
    nullsOf(cell)
  ];
  return [`${contributors} >= ${enough}`, ...complement, ...dominance(guarded), ...variety(guarded, cohort)].join(
    " AND ",
  );
}

/** Whether the cell tells of the patients of the class. */
export const concerns = (cell: Cell, of: PatientClass): boolean => !of.nullable || mentions(cell.args, of);

const contributorsOf = ({ unit, given }: Guarded): string =>
  `count(*) FILTER (WHERE ${unit.known} AND ${countColumn(given)} > 0)`;

/** One differs like none differs: enough patients give something else than what most patients give. */
function variety({ cell, unit, given, letters }: Guarded, cohort: string): string[] {
  if (!aggregateOf(cell.aggregate).measures) return [];
  const differ = (value: string, which: string): string => {
    const given = `FILTER (WHERE ${which} AND ${value} IS NOT NULL)`;
    return `count(*) ${given} - max(${alikeColumn(value)}) ${given} >= ${cohort}`;
  };
  return letters.flatMap((letter) => [
    differ(sumColumn(given, letter), unit.single),
    differ(meanColumn(given, letter), unit.known),
  ]);
}

/** What the base's patients of a class are worth to the cell: a step, or, where digits are kept, how many times the base there are. */
export function worth(guarded: Guarded, base: string): string {
  const { cell, given } = guarded;
  const precision = precisionOf(cell.aggregate);
  const share = shareOf(guarded);
  if (!("step" in precision)) return `1 / (${base} * ${share})`;
  if (precision.step === "Sum") {
    // A patient who is absent gives 0.
    const sum = sumColumn(given, "y");
    const known = `FILTER (WHERE ${guarded.unit.known})`;
    return `${base} * (greatest(max(${sum}) ${known}, 0) - least(min(${sum}) ${known}, 0))`;
  }
  const range = ({ low, high }: Bounds): string => `(${high} - ${low})`;
  if (precision.step !== "Intercept") return `${base} * ${share} * ${range(boundsOf(guarded, precision.step))}`;
  // An intercept is as far off as x is from 0, in ranges of x.
  const x = boundsOf(guarded, "x");
  const far = `greatest(abs(${x.low}), abs(${x.high})) / nullif(${range(x)}, 0)`;
  return `${base} * ${share} * ${range(boundsOf(guarded, "y"))} * (1 + ${far})`;
}

/** The share that a patient has in the rows, each patient weighed by that share (the inverse of Kish's effective size). */
function shareOf({ unit, given }: Guarded): string {
  const count = countColumn(given);
  const of = (sql: string, which: string): string => `sum(${sql}) FILTER (WHERE ${which})`;
  return `(${of(`${count} * ${count}`, unit.single)} / nullif(${of(count, unit.single)}, 0) / nullif(${of(count, unit.known)}, 0))`;
}

type Bounds = { readonly low: string; readonly high: string };

/** Between which values the patients' means lie: exactly, or, of several patients, where their rows lie. */
function boundsOf({ unit, given }: Guarded, letter: Letter): Bounds {
  const mean = meanColumn(given, letter);
  const of = (several: string): string =>
    unit.known === unit.single ? mean : `CASE WHEN ${unit.single} THEN ${mean} ELSE ${several} END`;
  return {
    low: `min(${of(lowColumn(given, letter))}) FILTER (WHERE ${unit.known})`,
    high: `max(${of(highColumn(given, letter))}) FILTER (WHERE ${unit.known})`,
  };
}

const means: readonly AggregateName[] = ["regr_avgx", "regr_avgy"];

/** What the rest of the group would give back, for the cell as a whole. */
function nullsOf({ aggregate, args }: Cell): Nulls {
  const all = args.map((arg) => arg.traits.nulls);
  if (all.includes("Conditional")) return "Conditional";
  return all.includes("Partial") || means.includes(aggregate) ? "Partial" : "Whole";
}

/** Sums in another order may differ in their last digits. */
const slack = "1.000000001";

/**
 * No patient gives more than half of the rows, half of the sum, or half of the spread between patients. The last does not change when the
 * consumer adds a constant.
 */
function dominance(guarded: Guarded): string[] {
  const { cell, unit, given, letters } = guarded;
  if (cell.distinct) return [];
  const known = `FILTER (WHERE ${unit.known})`;
  const count = countColumn(given);
  const rows = `2 * max(${count}) ${known} <= sum(${count}) ${known}`;
  if (!aggregateOf(cell.aggregate).measures) return [rows];
  const shares = letters.flatMap((letter) => [largestSum(guarded, letter), largestDeviation(guarded, letter)]);
  return [rows, ...(cell.fraction === null ? shares : [])];
}

function largestSum({ unit, given }: Guarded, letter: Letter): string {
  const known = `FILTER (WHERE ${unit.known})`;
  const sum = `abs(${sumColumn(given, letter)})`;
  const several = largestTotal(given, letter);
  const most = unit.known === unit.single ? sum : `CASE WHEN ${unit.single} THEN ${sum} ELSE ${several} END`;
  return `2 * max(${most}) ${known} <= sum(${sum}) ${known} * ${slack}`;
}

function largestDeviation(guarded: Guarded, letter: Letter): string {
  const { unit, given } = guarded;
  const mean = meanColumn(given, letter);
  const single = `FILTER (WHERE ${unit.single})`;
  const { low, high } = boundsOf(guarded, letter);
  const center = `avg(${mean}) ${single}`;
  const most = unit.known === unit.single ? `greatest(${center} - ${low}, ${high} - ${center})` : `(${high} - ${low})`;
  return `2 * ${most} * ${most} <= var_pop(${mean}) ${single} * count(${mean}) ${single} * ${slack}`;
}
