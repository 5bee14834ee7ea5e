import { percentileSql } from "./aggregateSql.ts";
import { aggregateOf } from "./aggregates.ts";
import type { CompileContext, Compiled, OutputColumn, RawRows } from "./compile.ts";
import { createEmitter, createValues, groupLeaves, outputSql, type Values } from "./emit.ts";
import { rawRowsSql } from "./emitSource.ts";
import { finishValue } from "./finishValue.ts";
import { cellGuard, concerns, countsClass, type GuardColumns, groupGuard, worth } from "./guards.ts";
import { orderSql } from "./orderSql.ts";
import type { Cell, Select } from "./plan.ts";
import { CohortTooSmall, RowLimitExceeded } from "./refused.ts";
import { formulas, precisionOf, roundedCount, type Sum, toDigits, toStep } from "./released.ts";

/**
 * Compiles groups: `r` rows, `p<class>` one row per group and patient, `q<class>` one row per group with its guards, `v` what cannot be
 * made of sums, `c` what may leave: small groups gone, unsafe cells null, the rest rounded. Outputs, HAVING and ORDER BY see only `c`.
 */
export function compileGroups(select: Select, context: CompileContext): Compiled {
  const values = createValues();
  const cohort = values.bind(String(context.minCohort), "bigint");
  const base = values.bind(String(context.rounding), "numeric");
  const queries = [
    `r AS (${rawRowsSql(select, context, values)})`,
    ...select.classes.flatMap((_, of) => [
      `p${of} AS (${patientsSql(select, of)})`,
      `q${of} AS (${guardsSql(select, of, cohort, base)})`,
    ]),
    ...(unsummed(select).length > 0 ? [`v AS (${unsummedSql(select)})`] : []),
    `c AS (${cellsSql(select, base)})`,
  ];
  const text = `WITH ${queries.join(", ")} ${answerSql(select, context, values)}`;
  const columns = select.outputs.map(({ name, expression }) => ({ name, type: expression.type }) as OutputColumn);
  return {
    ...values.place(text),
    columns,
    finish: (rows) => finishGroups(select, columns, context.maxRows, rows),
  };
}

const groups = (select: Select): string[] => select.keys.map((_, key) => `g${key}`);
const grouping = (columns: readonly string[]): string =>
  columns.length === 0 ? "" : ` GROUP BY ${columns.join(", ")}`;

/** A cell with the sums that it needs. */
const sumsOf = ({ aggregate, fraction }: Cell): readonly Sum[] =>
  formulas[aggregate]?.sums ?? (fraction === null ? [] : ["y"]);
const argument = (cell: number, letter: string): string => `(a${cell}_${letter === "y" ? 0 : 1})::numeric`;
const product = (cell: number, sum: Sum): string => [...sum].map((letter) => argument(cell, letter)).join(" * ");
const plainSums = (select: Select, index: number): ("y" | "x")[] =>
  sumsOf(select.cells[index] as Cell).filter((sum): sum is "y" | "x" => sum === "y" || sum === "x");

function patientsSql(select: Select, of: number): string {
  const cells = select.cells.flatMap((cell, index) => {
    const count = cell.args.length === 0 ? "count(*)" : `count(a${index}_0)`;
    const kept = of === 0 ? sumsOf(cell) : plainSums(select, index);
    const sums = kept.map((sum) => `sum(${product(index, sum)}) AS s${index}_${sum}`);
    const means = plainSums(select, index).map((sum) => `avg(${argument(index, sum)}) AS m${index}_${sum}`);
    return [`${count} AS n${index}`, ...sums, ...means];
  });
  const keys = groups(select);
  const patients = `SELECT ${[...keys, `k${of} AS k`, "count(*) AS n", ...cells].join(", ")} FROM r${grouping([...keys, `k${of}`])}`;
  const alike = select.cells.flatMap((_, index) =>
    plainSums(select, index).flatMap((sum) =>
      [`s${index}_${sum}`, `m${index}_${sum}`].map(
        (given) =>
          `count(*) FILTER (WHERE k IS NOT NULL) OVER (PARTITION BY ${[...keys, given].join(", ")}) AS a${given}`,
      ),
    ),
  );
  return alike.length === 0 ? patients : `SELECT p.*, ${alike.join(", ")} FROM (${patients}) AS p`;
}

function guardsSql(select: Select, of: number, cohort: string, base: string): string {
  const patients = select.classes[of];
  if (patients === undefined) throw new Error("the plan names patients that it does not have");
  const guards = select.cells.map((cell, index) => {
    const sums = plainSums(select, index).map((of) => {
      const [sum, mean] = [`s${index}_${of}`, `m${index}_${of}`];
      return { of, sum, mean, alikeSum: `a${sum}`, alikeMean: `a${mean}` };
    });
    const columns: GuardColumns = { count: `n${index}`, sums };
    const guard = `(${cellGuard(select, cell, patients, cohort, columns)}) AS ok${index}`;
    return isMeasure(cell) ? `${guard}, ${worth(cell, base, columns)} AS w${index}` : guard;
  });
  const counted = select.cells.flatMap((cell, index) =>
    countsClass(select, cell, patients) ? [`count(*) FILTER (WHERE k IS NOT NULL AND n${index} > 0) AS v${index}`] : [],
  );
  const made = of === 0 ? select.cells.flatMap((cell, index) => valueSql(cell, index)) : [];
  const group = `(${groupGuard(select, patients, cohort)}) AS ok`;
  const keys = groups(select);
  // The count makes one row of the whole even where no guard aggregates.
  return `SELECT ${[...keys, "count(*) AS size", group, ...guards, ...counted, ...made].join(", ")} FROM p${of}${grouping(keys)}`;
}

/** The exact value of a cell that is made of sums or counts rows. */
function valueSql(cell: Cell, index: number): string[] {
  const rows = `sum(n${index})`;
  const formula = formulas[cell.aggregate];
  if (formula !== undefined) {
    const sum = (name: Sum): string => `sum(s${index}_${name})`;
    const { precision } = formula;
    const scale =
      "scale" in precision && typeof precision.scale === "function"
        ? [`${precision.scale(rows, sum)} AS e${index}`]
        : [];
    return [`${formula.value(rows, sum)} AS v${index}`, ...scale];
  }
  return cell.distinct || cell.fraction !== null ? [] : [`${rows} AS v${index}`];
}

/** Cells that need their rows: percentiles, and distinct counts of anything but patients. */
function unsummed(select: Select): number[] {
  return select.cells.flatMap((cell, index) =>
    cell.fraction !== null || (cell.distinct && !countsSome(select, cell)) ? [index] : [],
  );
}

const countsSome = (select: Select, cell: Cell): boolean => select.classes.some((of) => countsClass(select, cell, of));

function unsummedSql(select: Select): string {
  const values = unsummed(select).map((index) => {
    const fraction = select.cells[index]?.fraction ?? null;
    return `${fraction === null ? `count(DISTINCT a${index}_0)` : percentileSql(fraction, `a${index}_0`)} AS v${index}`;
  });
  const keys = groups(select);
  return `SELECT ${[...keys, ...values].join(", ")} FROM r${grouping(keys)}`;
}

function cellsSql(select: Select, base: string): string {
  const keys = groups(select);
  const cells = select.cells.map((cell, index) => {
    const safe = select.classes.map((_, of) => `q${of}.ok${index}`).join(" AND ");
    const value = `${ownerOf(select, index)}.v${index}`;
    const released = isMeasure(cell) ? measureSql(select, cell, index, value) : roundedCount(value, base);
    return `CASE WHEN ${safe} THEN ${released} END AS m${index}`;
  });
  const tables = [...select.classes.map((_, of) => `q${of}`), ...(unsummed(select).length > 0 ? ["v"] : [])];
  const rowKey = (table: string): string => `jsonb_build_array(${keys.map((key) => `${table}.${key}`).join(", ")})`;
  const joins = tables.slice(1).map((table) => ` INNER JOIN ${table} ON ${rowKey(table)} = ${rowKey("q0")}`);
  const safe = select.classes.map((_, of) => `q${of}.ok`).join(" AND ");
  return `SELECT ${[...keys.map((key) => `q0.${key}`), ...cells, "1 AS one"].join(", ")} FROM q0${joins.join("")} WHERE ${safe}`;
}

const isMeasure = ({ aggregate }: Cell): boolean => aggregateOf(aggregate).measures;

/** A measure as exactly as the patients allow of whom it tells; the coarsest class decides. */
function measureSql(select: Select, cell: Cell, index: number, value: string): string {
  const told = select.classes.flatMap((of, number) => (concerns(cell, of) ? [`q${number}.w${index}`] : []));
  const worths = (told.length > 0 ? told : select.classes.map((_, number) => `q${number}.w${index}`)).join(", ");
  const precision = precisionOf(cell.aggregate);
  if ("step" in precision) return toStep(value, `greatest(${worths})`);
  const scales = { Value: value, Ratio: null };
  const scale = typeof precision.scale === "string" ? scales[precision.scale] : `q0.e${index}`;
  return toDigits(value, `least(${worths})`, scale);
}

function ownerOf(select: Select, index: number): string {
  const cell = select.cells[index] as Cell;
  const of = select.classes.findIndex((patients) => countsClass(select, cell, patients));
  return of >= 0 ? `q${of}` : unsummed(select).includes(index) ? "v" : "q0";
}

function answerSql(select: Select, context: CompileContext, values: Values): string {
  const emit = createEmitter(
    values,
    groupLeaves(
      (key) => `c.g${key}`,
      (cell) => `c.m${cell}`,
    ),
  );
  const outputs = select.outputs.map(({ expression }, index) => `${emit(expression)} AS o${index}`);
  const having = select.having.map(emit).join(" AND ");
  const inner = `SELECT ${outputs.join(", ")} FROM c${having === "" ? "" : ` WHERE ${having}`}`;
  const shown = select.outputs.map(({ expression }, index) => outputSql(expression.type, `o.o${index}`));
  return `SELECT ${shown.join(", ")} FROM (${inner}) AS o ${orderSql(select, context.maxRows, values, (index) => `o.o${index}`)}`;
}

function finishGroups(
  select: Select,
  columns: readonly OutputColumn[],
  maxRows: number,
  rows: RawRows,
): ReturnType<Compiled["finish"]> {
  if (rows.length > maxRows) throw new RowLimitExceeded(maxRows);
  const measured = select.outputs.flatMap(({ expression }, index) => (hasCell(expression) ? [index] : []));
  const released = measured.length === 0 || rows.some((row) => measured.some((index) => row[index] != null));
  if (rows.length === 0 || !released) throw new CohortTooSmall();
  return { columns, rows: rows.map((row) => columns.map(({ type }, index) => finishValue(type, row[index] ?? null))) };
}

function hasCell(expression: Select["outputs"][number]["expression"]): boolean {
  return expression.kind === "Cell" || (expression.kind === "Call" && expression.args.some(hasCell));
}
