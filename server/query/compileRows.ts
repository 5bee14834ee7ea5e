import type { CompileContext, Compiled, OutputColumn, RawRows } from "./compile.ts";
import { createEmitter, createValues, outputSql, rowLeaves, type Values } from "./emit.ts";
import { classKeys, columnSql, fromSql } from "./emitSource.ts";
import type { Column } from "./expression.ts";
import { finishValue } from "./finishValue.ts";
import { linkDomains } from "./linkDomains.ts";
import { orderSql } from "./orderSql.ts";
import type { Output, Select } from "./plan.ts";
import { orderSecret, pseudonym } from "./pseudonym.ts";
import { CohortTooSmall, RowLimitExceeded } from "./refused.ts";

/** Compiles rows: the outputs, then one hidden patient key per class, from which `finish` tells what may leave. */
export function compileRows(select: Select, context: CompileContext): Compiled {
  const values = createValues();
  const emit = createEmitter(values, rowLeaves(columnSql));
  const outputs = select.outputs.map(({ expression }, index) => `${emit(expression)} AS o${index}`);
  const keys = classKeys(select).map((key, index) => `${key} AS k${index}`);
  const inner = `SELECT ${[...outputs, ...keys].join(", ")} ${fromSql(select, context, values)}`;
  const shown = select.outputs.map(({ expression }, index) =>
    isLinking(expression) ? `o.o${index}::text` : outputSql(expression.type, `o.o${index}`),
  );
  const hidden = select.classes.map((_, index) => `o.k${index}::text`);
  const order = orderSql(select, context.maxRows, values, orderedBy(select, context, values));
  const text = `SELECT ${[...shown, ...hidden].join(", ")} FROM (${inner}) AS o ${order}`;
  const columns = select.outputs.map(
    ({ name, expression }) => ({ name, type: isLinking(expression) ? "Text" : expression.type }) as OutputColumn,
  );
  return { ...values.place(text), columns, finish: (rows) => finishRows(select, columns, context, rows) };
}

const isLinking = ({ traits }: Output["expression"]): boolean => traits.linking !== "No";

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

/**
 * Drops the rows whose quasi-identifying values fewer than minCohort patients of the answer share, and replaces identifiers by pseudonyms.
 */
function finishRows(
  select: Select,
  columns: readonly OutputColumn[],
  context: CompileContext,
  rows: RawRows,
): ReturnType<Compiled["finish"]> {
  if (rows.length > context.maxRows) throw new RowLimitExceeded(context.maxRows);
  const quasi = select.outputs.flatMap(({ expression }, index) => (expression.traits.quasi ? [index] : []));
  const tuples = Map.groupBy(rows, (row) => JSON.stringify(quasi.map((index) => row[index] ?? null)));
  const shared = new Set(
    [...tuples].filter(([, alike]) => isCohort(select, context.minCohort, alike)).map(([tuple]) => tuple),
  );
  const kept = rows.filter((row) => shared.has(JSON.stringify(quasi.map((index) => row[index] ?? null))));
  if (kept.length === 0 || !isCohort(select, context.minCohort, kept)) throw new CohortTooSmall();
  const finishers = select.outputs.map((output, index) => finisherOf(output, columns[index], context));
  return { columns, rows: kept.map((row) => finishers.map((finish, index) => finish(row[index] ?? null))) };
}

/** Whether enough patients stand behind rows: of every class, and of those that rows may lack none or enough. */
function isCohort(select: Select, minCohort: number, rows: RawRows): boolean {
  return select.classes.every(({ nullable }, index) => {
    const patients = new Set(rows.map((row) => row[select.outputs.length + index] ?? null));
    patients.delete(null);
    return patients.size >= minCohort || (nullable && patients.size === 0);
  });
}

function finisherOf(
  { expression }: Output,
  column: OutputColumn | undefined,
  context: CompileContext,
): (text: string | null) => string | boolean | null {
  const type = column?.type ?? "Text";
  if (!isLinking(expression)) return (text) => finishValue(type, text);
  const { origin } = expression as Column;
  const domain = (origin && (linkDomains(context.description)(origin) ?? `${origin.table}.${origin.name}`)) ?? "";
  const known = new Map<string, string>();
  return (text) => {
    if (text === null) return null;
    const found = known.get(text) ?? pseudonym(context.pseudonymKey, domain, text);
    known.set(text, found);
    return found;
  };
}
