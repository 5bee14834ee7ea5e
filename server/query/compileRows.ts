import type { CompileContext, Compiled, Finisher, OutputColumn, Value } from "./compile.ts";
import { createEmitter, createValues, outputSql, rowLeaves, type Values } from "./emit.ts";
import { classKeys, columnSql, fromSql } from "./emitSource.ts";
import type { Column, Expression } from "./expression.ts";
import { finishValue } from "./finishValue.ts";
import { linkDomains } from "./linkDomains.ts";
import { mostRowsOf, orderSql } from "./orderSql.ts";
import type { From, Output, Select } from "./plan.ts";
import { orderSecret, pseudonym } from "./pseudonym.ts";
import { CohortTooSmall, RowLimitExceeded } from "./refused.ts";

/**
 * Compiles rows. The database drops those whose quasi-identifying values, shown or mentioned in conditions, fewer than minCohort patients of
 * the answer share, and tells of each that is left how many are left (`n`) and whether enough patients stand behind all of them (`whole`).
 */
export function compileRows(select: Select, context: CompileContext): Compiled {
  const values = createValues();
  const emit = createEmitter(values, rowLeaves(columnSql));
  const outputs = select.outputs.map(({ expression }, index) => `${emit(expression)} AS o${index}`);
  const keys = classKeys(select).map((key, index) => `${key} AS k${index}`);
  const told = quasiConditions(select).map((column, index) => `${emit(column)} AS h${index}`);
  const answer = `SELECT ${[...outputs, ...keys, ...told].join(", ")} ${fromSql(select, context, values)}`;
  const order = orderSql(select, orderedBy(select, context, values));
  const limit = select.limit === null ? "" : `LIMIT ${values.bind(String(select.limit), "bigint")}`;
  const asked = `SELECT ${[...select.outputs.map(shownSql), "o.*"].join(", ")} FROM (${answer}) AS o ${order} ${limit}`;
  const shownQuasi = select.outputs.flatMap(({ expression }, index) => (expression.traits.quasi ? [`s${index}`] : []));
  const quasi = [...shownQuasi, ...told.map((_, index) => `h${index}`)];
  const cohort = values.bind(String(context.minCohort), "bigint");
  const classes = select.classes.map(({ nullable }, of) => ({ of, nullable }));
  const shared = `SELECT * FROM (${patientsSql(classes, "a", quasi, `SELECT *, row_number() OVER () AS place FROM (${asked}) AS o`)}) AS o WHERE ${classes.map(isCohortSql("a", cohort)).join(" AND ")}`;
  const whole = classes.map(isCohortSql("b", cohort)).join(" AND ");
  const shown = select.outputs.map((_, index) => `o.s${index}`);
  const kept = `SELECT *, count(*) OVER () AS n FROM (${patientsSql(classes, "b", [], shared)}) AS o`;
  const text = `SELECT ${[...shown, "o.n::text", `(${whole})::text`].join(", ")} FROM (${kept}) AS o ORDER BY o.place LIMIT ${values.bind(String(context.maxRows + 1), "bigint")}`;
  const columns = select.outputs.map(
    ({ name, expression }) => ({ name, type: isLinking(expression) ? "Text" : expression.type }) as OutputColumn,
  );
  return {
    ...values.place(text),
    columns,
    mostRows: mostRowsOf(select, context.maxRows),
    finish: () => createRowFinisher(select, columns, context),
  };
}

/** The quasi-identifying columns on which rows are chosen: whoever knows them of a person could choose that person's row. */
function quasiConditions(select: Select): Expression[] {
  const found = new Map<number, Expression>();
  const collect = (expression: Expression): void => {
    if (expression.kind === "Column" && expression.traits.quasi) found.set(expression.id, expression);
    if (expression.kind === "Call") expression.args.forEach(collect);
  };
  const collectFrom = (from: From): void => {
    if (from.kind === "Scan") return;
    from.on.forEach(collect);
    collectFrom(from.left);
    collectFrom(from.right);
  };
  select.where.forEach(collect);
  collectFrom(select.from);
  return [...found.values()];
}

const isLinking = ({ traits }: Output["expression"]): boolean => traits.linking !== "No";

function shownSql({ expression }: Output, index: number): string {
  return `${isLinking(expression) ? `o.o${index}::text` : outputSql(expression.type, `o.o${index}`)} AS s${index}`;
}

type Class = { readonly of: number; readonly nullable: boolean };

/**
 * Adds to each row how many patients of each class share its values of `by`, as `<name><class>`. PostgreSQL has no distinct count over
 * windows: the rank of the last patient is their number.
 */
function patientsSql(classes: readonly Class[], name: string, by: readonly string[], rows: string): string {
  const partition = by.length === 0 ? "" : `PARTITION BY ${by.join(", ")}`;
  const ranks = classes.map(({ of }) => `dense_rank() OVER (${partition} ORDER BY k${of}) AS r${name}${of}`);
  const counts = classes.map(
    ({ of }) => `coalesce(max(r${name}${of}) FILTER (WHERE k${of} IS NOT NULL) OVER (${partition}), 0) AS ${name}${of}`,
  );
  return `SELECT ${["*", ...counts].join(", ")} FROM (SELECT ${["*", ...ranks].join(", ")} FROM (${rows}) AS o) AS o`;
}

/** Whether enough patients of a class stand behind rows; those that rows may lack may be none. */
const isCohortSql =
  (name: string, cohort: string) =>
  ({ of, nullable }: Class): string =>
    `(${name}${of} >= ${cohort}${nullable ? ` OR ${name}${of} = 0` : ""})`;

/** Identifiers are ordered by a keyed digest: their own order would tell them apart. */
function orderedBy(select: Select, { pseudonymKey }: CompileContext, values: Values): (output: number) => string {
  const linked = select.outputs.some(({ expression }) => isLinking(expression));
  const secret = linked ? values.bind(orderSecret(pseudonymKey), "text") : "";
  return (output) => {
    const column = `o.o${output}`;
    const expression = select.outputs[output]?.expression;
    return expression !== undefined && isLinking(expression)
      ? `sha256(convert_to(${secret} || ${column}::text, 'UTF8'))`
      : column;
  };
}

function createRowFinisher(select: Select, columns: readonly OutputColumn[], context: CompileContext): Finisher {
  const finishers = select.outputs.map((output, index) => finisherOf(output, columns[index], context));
  let isEmpty = true;
  return {
    take: (row) => {
      const [total, whole] = row.slice(finishers.length);
      if (Number(total) > context.maxRows) throw new RowLimitExceeded(context.maxRows);
      if (whole !== "true") throw new CohortTooSmall();
      isEmpty = false;
      return finishers.map((finish, index) => finish(row[index] ?? null));
    },
    end: () => {
      if (isEmpty) throw new CohortTooSmall();
    },
  };
}

function finisherOf(
  { expression }: Output,
  column: OutputColumn | undefined,
  context: CompileContext,
): (text: string | null) => Value {
  const type = column?.type ?? "Text";
  if (!isLinking(expression)) return (text) => finishValue(type, text);
  const { origin } = expression as Column;
  const domain = (origin && (linkDomains(context.description)(origin) ?? `${origin.table}.${origin.name}`)) ?? "";
  const known = new Map<string, string>();
  return (text) => {
    if (text === null) return null;
    const found = known.get(text) ?? pseudonym(context.pseudonymKey, domain, text);
    if (known.size < mostKnown) known.set(text, found);
    return found;
  };
}

/** Pseudonyms that are kept while an answer is made. */
const mostKnown = 50_000;
