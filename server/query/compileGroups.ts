import { aggregateOf } from "./aggregates.ts";
import type { CompileContext, Compiled, Finisher, OutputColumn } from "./compile.ts";
import { createEmitter, createValues, groupLeaves, outputSql, rowLeaves, type Values } from "./emit.ts";
import { classKeys, columnSql, fromSql } from "./emitSource.ts";
import { finishValue } from "./finishValue.ts";
import { type Given, type Givens, givensOf, type Letter, numberSql, rawColumn } from "./givens.ts";
import { cellGuard, concerns, countsClass, type Guarded, groupGuard, worth } from "./guards.ts";
import { limitSql, mostRowsOf, orderSql } from "./orderSql.ts";
import type { Cell, Select } from "./plan.ts";
import { CohortTooSmall, RowLimitExceeded } from "./refused.ts";
import { formulas, precisionOf, roundedCount, type Sum, toDigits, toStep } from "./released.ts";
import { countColumn, patientUnit, randomUnit, sumColumn, type Unit, unitsSql } from "./units.ts";

/**
 * Compiles groups: `r` rows, `p<class>` one row per group and unit, `q<class>` one row per group with its guards, `v` what cannot be made
 * of sums, `c` what may leave: small groups gone, unsafe cells null, the rest rounded. Outputs, HAVING and ORDER BY see only `c`.
 *
 * Where random sets of patients can prove that a group and all of its cells may leave (`f`), its patients are not told apart; only the
 * rest of the groups is gathered patient by patient.
 */
export function compileGroups(select: Select, context: CompileContext): Compiled {
  const values = createValues();
  const writer: Writer = {
    select,
    givens: givensOf(select),
    groups: select.keys.map((_, key) => `g${key}`),
    cohort: values.bind(String(context.minCohort), "bigint"),
    base: values.bind(String(context.rounding), "numeric"),
  };
  const rows = rowsSql(writer, context, values);
  const queries = isProvable(select)
    ? [...provenSql(writer, rows), ...patientsSql(writer, rest(writer, rows))]
    : patientsSql(writer, rows);
  const proven = isProvable(select) ? ` UNION ALL ${cellsSql(writer, ["f"], ["f"], "f.proven")}` : "";
  const tables = [...select.classes.map((_, of) => `q${of}`), ...(unsummed(select).length > 0 ? ["v"] : [])];
  const safe = select.classes.map((_, of) => `q${of}.ok`).join(" AND ");
  const cells = `c AS (${cellsSql(
    writer,
    tables,
    select.classes.map((_, of) => `q${of}`),
    safe,
  )}${proven})`;
  const text = `WITH ${[...queries, cells].join(", ")} ${answerSql(select, context, values)}`;
  const columns = select.outputs.map(({ name, expression }) => ({ name, type: expression.type }) as OutputColumn);
  return {
    ...values.place(text),
    columns,
    mostRows: mostRowsOf(select, context.maxRows),
    finish: () => createGroupFinisher(select, columns, context.maxRows),
  };
}

type Writer = {
  readonly select: Select;
  readonly givens: Givens;
  readonly groups: readonly string[];
  readonly cohort: string;
  readonly base: string;
};

const grouping = (columns: readonly string[]): string =>
  columns.length === 0 ? "" : ` GROUP BY ${columns.join(", ")}`;

/** The rows under a grouping: keys `g<i>`, arguments, patient keys `k<class>`. Each is computed once a row, hence OFFSET. */
function rowsSql({ select, givens }: Writer, context: CompileContext, values: Values): string {
  const emit = createEmitter(values, rowLeaves(columnSql));
  const keys = select.keys.map(
    (key, index) => `${key.type === "Decimal" ? `trim_scale(${emit(key)})` : emit(key)} AS g${index}`,
  );
  const patients = classKeys(select).map((key, index) => `${key} AS k${index}`);
  return `SELECT ${[...keys, ...givens.columns(emit), ...patients].join(", ")} ${fromSql(select, context, values)} OFFSET 0`;
}

/**
 * Whether random sets of patients can guard every cell (not sums, distinct counts and percentiles), and are likely to: over few groups of
 * one table. What they do not prove is computed twice.
 */
function isProvable({ classes, cells, from, keys }: Select): boolean {
  const canGuard = cells.every(
    ({ aggregate, distinct, fraction }) => aggregate !== "sum" && !distinct && fraction === null,
  );
  return canGuard && classes.length === 1 && from.kind === "Scan" && keys.length <= 1;
}

function provenSql(writer: Writer, rows: string): string[] {
  const { select, groups } = writer;
  const unit = randomUnit("k0", keyType(select) === "Integer");
  const units = unitsSql(
    `(${rows}) AS r`,
    groups,
    unit,
    writer.givens.list,
    ({ letters }) => letters,
    ({ sums }) => sums,
  );
  const ok = ["ok", ...select.cells.map((_, index) => `ok${index}`)]
    .map((name) => `coalesce(${name}, false)`)
    .join(" AND ");
  return [`f AS MATERIALIZED (SELECT *, ${ok} AS proven FROM (${guardsSql(writer, 0, unit, units)}) AS f)`];
}

/** Type of the patient key where it is known to be one field. */
function keyType({ classes, sources }: Select): string | undefined {
  const [member] = classes[0]?.members ?? [];
  const source = member === undefined ? undefined : sources[member.source];
  if (source?.kind !== "Table") return undefined;
  return source.fields.find(({ name }) => name === source.table.patientKey)?.fieldType;
}

/** The rows of groups that were not proven. */
function rest({ groups }: Writer, rows: string): string {
  const any = "(SELECT bool_or(NOT proven) FROM f)";
  if (groups.length === 0) return `SELECT * FROM (${rows}) AS r WHERE ${any}`;
  const key = (table: string): string =>
    `hash_record_extended(ROW(${groups.map((name) => `${table}.${name}`).join(", ")}), 0)`;
  return `SELECT * FROM (${rows}) AS r WHERE ${any} AND ${key("r")} IN (SELECT ${key("f")} FROM f WHERE NOT proven)`;
}

/** The queries that tell patients apart. */
function patientsSql(writer: Writer, rows: string): string[] {
  const { select, groups, givens } = writer;
  const guards = select.classes.map((_, of) => {
    const units = unitsSql("r", groups, patientUnit(`k${of}`), givens.list, ({ letters }) => letters, sumsFor(of));
    return `q${of} AS (${guardsSql(writer, of, patientUnit(`k${of}`), units)})`;
  });
  return [`r AS (${rows})`, ...guards, ...(unsummed(select).length > 0 ? [`v AS (${unsummedSql(writer)})`] : [])];
}

/** Only the first class makes values; the others guard them. */
const sumsFor =
  (of: number) =>
  (given: Given): Given["sums"] =>
    of === 0 ? given.sums : new Map(given.letters.map(({ letter, sql }) => [letter, sql]));

function guardsSql(writer: Writer, of: number, unit: Unit, units: string): string {
  const { select, givens, groups, cohort, base } = writer;
  const patients = select.classes[of];
  if (patients === undefined) throw new Error("the plan names patients that it does not have");
  const columns = select.cells.flatMap((cell, index) => {
    const given = givens.of(index);
    const guarded: Guarded = { select, cell, of: patients, unit, given, letters: lettersOf(cell) };
    const worths = isMeasure(cell) ? [`${worth(guarded, base)} AS w${index}`] : [];
    const counted = countsClass(select, cell, patients)
      ? [`count(*) FILTER (WHERE ${unit.known} AND ${countColumn(given)} > 0) AS v${index}`]
      : [];
    return [`(${cellGuard(guarded, cohort)}) AS ok${index}`, ...worths, ...counted];
  });
  const made = of === 0 ? select.cells.flatMap((cell, index) => valueSql(cell, index, givens.of(index))) : [];
  const group = `(${groupGuard(select, patients, unit, cohort)}) AS ok`;
  // The count makes one row of the whole even where no guard aggregates.
  return `SELECT ${[...groups, "count(*) AS size", group, ...columns, ...made].join(", ")} FROM (${units}) AS u${grouping(groups)}`;
}

/** The arguments whose patients a cell must not tell apart. */
function lettersOf({ aggregate, fraction }: Cell): Letter[] {
  const sums = formulas[aggregate]?.sums ?? (fraction === null ? [] : ["y"]);
  return (["y", "x"] as const).filter((letter) => sums.includes(letter));
}

/** The value of a cell that is made of sums or counts rows. */
function valueSql(cell: Cell, index: number, given: Given): string[] {
  const rows = `sum(${countColumn(given)})`;
  const formula = formulas[cell.aggregate];
  if (formula !== undefined) {
    const sum = (name: Sum): string => `sum(${sumColumn(given, name)})`;
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

function unsummedSql({ select, groups }: Writer): string {
  const values = unsummed(select).map((index) => {
    const {
      args: [arg],
      fraction,
    } = select.cells[index] as Cell;
    if (arg === undefined) throw new Error("a cell lacks its argument");
    const value =
      fraction === null
        ? `count(DISTINCT ${rawColumn(arg)})`
        : `percentile_cont(${fraction}) WITHIN GROUP (ORDER BY ${numberSql(arg)})`;
    return `${value} AS v${index}`;
  });
  return `SELECT ${[...groups, ...values].join(", ")} FROM r${grouping(groups)}`;
}

/** What may leave of the groups in `tables`, of which `guards` guard every cell. */
function cellsSql(
  { select, groups, base }: Writer,
  tables: readonly string[],
  guards: readonly string[],
  safe: string,
): string {
  const [first = ""] = tables;
  const owner = (index: number): string => {
    const cell = select.cells[index] as Cell;
    const of = select.classes.findIndex((patients) => countsClass(select, cell, patients));
    return of >= 0 ? `q${of}` : unsummed(select).includes(index) ? "v" : first;
  };
  const cells = select.cells.map((cell, index) => {
    const unguarded = guards.map((table) => `${table}.ok${index}`).join(" AND ");
    const value = `${owner(index)}.v${index}`;
    const released = isMeasure(cell) ? measureSql(select, cell, index, value, guards) : roundedCount(value, base);
    return `CASE WHEN ${unguarded} THEN ${released} END AS m${index}`;
  });
  const rowKey = (table: string): string => `jsonb_build_array(${groups.map((key) => `${table}.${key}`).join(", ")})`;
  const joins = tables.slice(1).map((table) => ` INNER JOIN ${table} ON ${rowKey(table)} = ${rowKey(first)}`);
  return `SELECT ${[...groups.map((key) => `${first}.${key}`), ...cells, "1 AS one"].join(", ")} FROM ${first}${joins.join("")} WHERE ${safe}`;
}

const isMeasure = ({ aggregate }: Cell): boolean => aggregateOf(aggregate).measures;

/** A measure as exactly as the patients allow of whom it tells; the coarsest class decides. */
function measureSql(select: Select, cell: Cell, index: number, value: string, guards: readonly string[]): string {
  const told = select.classes.flatMap((of, number) => (concerns(cell, of) ? [`${guards[number]}.w${index}`] : []));
  const worths = (told.length > 0 ? told : guards.map((table) => `${table}.w${index}`)).join(", ");
  const precision = precisionOf(cell.aggregate);
  if ("step" in precision) return toStep(value, `greatest(${worths})`);
  const scales = { Value: value, Ratio: null };
  const scale = typeof precision.scale === "string" ? scales[precision.scale] : `${guards[0]}.e${index}`;
  return toDigits(value, `least(${worths})`, scale);
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
  return `SELECT ${shown.join(", ")} FROM (${inner}) AS o ${orderSql(select, (index) => `o.o${index}`)} ${limitSql(select, context.maxRows, values)}`;
}

function createGroupFinisher(select: Select, columns: readonly OutputColumn[], maxRows: number): Finisher {
  const measured = select.outputs.flatMap(({ expression }, index) => (hasCell(expression) ? [index] : []));
  let rows = 0;
  let isReleased = false;
  return {
    take: (row) => {
      rows += 1;
      if (rows > maxRows) throw new RowLimitExceeded(maxRows);
      isReleased ||= measured.length === 0 || measured.some((index) => row[index] != null);
      return columns.map(({ type }, index) => finishValue(type, row[index] ?? null));
    },
    end: () => {
      if (!isReleased) throw new CohortTooSmall();
    },
  };
}

function hasCell(expression: Select["outputs"][number]["expression"]): boolean {
  return expression.kind === "Cell" || (expression.kind === "Call" && expression.args.some(hasCell));
}
