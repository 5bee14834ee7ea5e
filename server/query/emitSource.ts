import type { Table } from "../domain/dataset.ts";
import { aggregateSql } from "./aggregateSql.ts";
import type { CompileContext } from "./compile.ts";
import { createEmitter, fieldSql, groupLeaves, quote, rowLeaves, type Values } from "./emit.ts";
import type { Column } from "./expression.ts";
import type { From, Select, Source, TableSource } from "./plan.ts";

type SourceContext = Pick<CompileContext, "schema" | "scope" | "description">;

export const columnSql = (column: Column): string => `s${column.source}.c${column.column}`;
const keySql = ({ source, key }: { readonly source: number; readonly key: number }): string => `s${source}.k${key}`;

/** `FROM ... WHERE ...` of a SELECT; columns are `s<source>.c<column>`, patient keys `s<source>.k<key>`. */
export function fromSql(select: Select, context: SourceContext, values: Values): string {
  const emit = createEmitter(values, rowLeaves(columnSql));
  const write = (from: From): string => {
    if (from.kind === "Scan") return `(${sourceSql(select.sources[from.source], context, values)}) AS s${from.source}`;
    const on = from.on.map(emit).join(" AND ");
    return `(${write(from.left)} ${from.type === "Left" ? "LEFT JOIN" : "INNER JOIN"} ${write(from.right)} ON ${on})`;
  };
  const where = select.where.map(emit).join(" AND ");
  return `FROM ${write(select.from)}${where === "" ? "" : ` WHERE ${where}`}`;
}

/** The patient key of each class of the SELECT. */
export function classKeys(select: Select): string[] {
  return select.classes.map(({ members: [first = { source: 0, key: 0 }] }) => keySql(first));
}

function sourceSql(source: Source | undefined, context: SourceContext, values: Values): string {
  if (source === undefined) throw new Error("the plan names a source that it does not have");
  if (source.kind === "Table") return tableSql(source, context, values);
  return source.select.shape === "Patients"
    ? patientsSql(source.select, context, values)
    : derivedSql(source.select, context, values);
}

/** Only the mentioned columns and the patient key, only the rows of the scope. */
function tableSql({ table, fields, used }: TableSource, context: SourceContext, values: Values): string {
  const columns = fields.flatMap((field, index) => (used.has(index) ? [`${fieldSql("b", field)} AS c${index}`] : []));
  const key = table.patientKey === "" ? [] : [`b.${quote(table.patientKey)} AS k0`];
  const where = scopeSql(table, context, values);
  return `SELECT ${[...columns, ...key, "1 AS one"].join(", ")} FROM ${viewSql(table, context)} AS b${where === "" ? "" : ` WHERE ${where}`}`;
}

function viewSql(table: Table, { schema }: SourceContext): string {
  return `${quote(schema)}.${quote(table.name)}`;
}

function scopeSql(table: Table, context: SourceContext, values: Values): string {
  const parts = context.description.tables.flatMap((named) => {
    const conditions = context.scope.conditions.get(named.name);
    if (conditions === undefined) return [];
    if (named.name === table.name) return [conditionsSql(conditions, "b", values)];
    if (named.patientKey === "" || table.patientKey === "") return [];
    const patients = `SELECT o.${quote(named.patientKey)} FROM ${viewSql(named, context)} AS o WHERE ${conditionsSql(conditions, "o", values)}`;
    return [`b.${quote(table.patientKey)} IN (${patients})`];
  });
  return parts.join(" AND ");
}

function conditionsSql(conditions: Select["where"], alias: string, values: Values): string {
  const emit = createEmitter(
    values,
    rowLeaves(({ origin }) => {
      if (origin === null) throw new Error("a row scope names a field that is none");
      return `(${fieldSql(alias, origin)})`;
    }),
  );
  return conditions.map((condition) => `(${emit(condition)})`).join(" AND ");
}

function derivedSql(select: Select, context: SourceContext, values: Values): string {
  const emit = createEmitter(values, rowLeaves(columnSql));
  const outputs = select.outputs.map(({ expression }, index) => `${emit(expression)} AS c${index}`);
  const keys = classKeys(select).map((key, index) => `${key} AS k${index}`);
  return `SELECT ${[...outputs, ...keys].join(", ")} ${fromSql(select, context, values)}`;
}

/** Groups of one patient each; the grouped patient key is `k0`. */
function patientsSql(select: Select, context: SourceContext, values: Values): string {
  const emitCells = createEmitter(
    values,
    groupLeaves(
      (key) => `r.g${key}`,
      (cell) => aggregateSql(select.cells[cell], `r.a${cell}_0`),
    ),
  );
  const outputs = select.outputs.map(({ expression }, index) => `${emitCells(expression)} AS c${index}`);
  const patient = select.keys.findIndex((key) => key.kind === "Column" && key.key !== null && isGroupKey(select, key));
  const groups = select.keys.map((_, index) => `r.g${index}`).join(", ");
  return `SELECT ${outputs.join(", ")}, r.g${patient} AS k0 FROM (${rawRowsSql(select, context, values)}) AS r GROUP BY ${groups}`;
}

function isGroupKey(select: Select, { source, key }: Column): boolean {
  return select.classes.some(
    ({ members, nullable }) => !nullable && members.some((member) => member.source === source && member.key === key),
  );
}

/** The rows under a grouping: keys `g<i>`, arguments `a<cell>_<n>`, patient keys `k<class>`. */
export function rawRowsSql(select: Select, context: SourceContext, values: Values): string {
  const emit = createEmitter(values, rowLeaves(columnSql));
  const keys = select.keys.map(
    (key, index) => `${key.type === "Decimal" ? `trim_scale(${emit(key)})` : emit(key)} AS g${index}`,
  );
  const args = select.cells.flatMap(({ args: [first, second] }, cell) => {
    if (first === undefined) return [];
    if (second === undefined) return [`${emit(first)} AS a${cell}_0`];
    const [y, x] = [emit(first), emit(second)];
    return [
      `CASE WHEN ${x} IS NOT NULL THEN ${y} END AS a${cell}_0`,
      `CASE WHEN ${y} IS NOT NULL THEN ${x} END AS a${cell}_1`,
    ];
  });
  const patients = classKeys(select).map((key, index) => `${key} AS k${index}`);
  return `SELECT ${[...keys, ...args, ...patients].join(", ")}${keys.length + args.length + patients.length === 0 ? "1" : ""} ${fromSql(select, context, values)}`;
}
