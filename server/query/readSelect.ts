import type { Environment, WithQuery } from "./environment.ts";
import { createInterner, type Expression, type Interner } from "./expression.ts";
import { coerce } from "./literals.ts";
import { isOnePatient, patientClasses } from "./patients.ts";
import type { From, Output, Select, Source } from "./plan.ts";
import { createCells } from "./readCells.ts";
import { readCondition, readExpression, type Scope } from "./readExpression.ts";
import { conjuncts, type KeyPair, readFrom } from "./readFrom.ts";
import { overGroups, readKeys } from "./readGroups.ts";
import { readCount, readOrder } from "./readOrder.ts";
import { readTargets } from "./readTargets.ts";
import { refuse } from "./refused.ts";
import { createSources } from "./sources.ts";
import { acceptOnly, asTree, at, list, type Tree } from "./syntax.ts";

const attributes = [
  "targetList",
  "fromClause",
  "whereClause",
  "groupClause",
  "havingClause",
  "sortClause",
  "limitOffset",
  "limitCount",
  "limitOption",
  "distinctClause",
  "withClause",
  "op",
];
const ending = ["sortClause", "limitCount", "limitOffset", "distinctClause", "havingClause"];

/** Reads the statement itself: rows, or groups over them. Throws StatementRefused. */
export function readStatement(environment: Environment, body: Tree): Select {
  const select = readSelect(environment, body, false);
  if (!select.classes.some(({ nullable }) => !nullable))
    refuse(
      "A statement without a table of patients",
      "Start FROM a table that has a patient key, or join one with JOIN.",
    );
  return select;
}

function readDerived(environment: Environment, body: Tree): Select {
  const unfit = ending.find((attribute) => body[attribute] !== undefined);
  if (unfit !== undefined)
    refuse(
      `${unfit.replace("Clause", "")} inside a derived table`,
      "Put ORDER BY, LIMIT, DISTINCT and HAVING on the outer SELECT.",
    );
  return readSelect(environment, body, true);
}

function readSelect(outer: Environment, body: Tree, derived: boolean): Select {
  if (body.op !== "SETOP_NONE" || body.valuesLists !== undefined)
    refuse("UNION, INTERSECT, EXCEPT or VALUES", "Send one SELECT.");
  acceptOnly(
    "SELECT",
    body,
    attributes,
    "See the accepted grammar: SELECT, FROM, JOIN, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, WITH.",
  );
  const environment = withQueries(outer, body.withClause);
  const intern = createInterner();
  const sources = createSources(environment, intern);
  const rows: Scope = {
    intern,
    column: (names, position) => sources.column(names, position),
    aggregate: (name, call) =>
      refuse(
        `The aggregate ${name} here`,
        "Aggregates stand in SELECT, HAVING and ORDER BY, not inside each other.",
        at(call),
      ),
  };
  const pairs: KeyPair[] = [];
  const from = readFrom({ environment, intern, sources, scope: rows, pairs, readDerived }, body.fromClause);
  const where =
    body.whereClause === undefined ? [] : conjuncts(body.whereClause).map((part) => readCondition(rows, part, "WHERE"));
  const cells = createCells(intern, rows, derived);
  const scope: Scope = { ...rows, aggregate: cells.read };
  const targets = readTargets(body.targetList);
  const written = targets.map((target) => ({
    name: target.name,
    expression: textual(intern, readExpression(scope, target.value)),
  }));
  const grouped = readKeys(rows, sources, targets, body.groupClause);
  const having = body.havingClause === undefined ? [] : [readCondition(scope, body.havingClause, "HAVING")];
  const keys =
    grouped.length === 0 && body.distinctClause !== undefined
      ? distinctKeys(written, cells.list().length, body)
      : grouped;
  const isGrouped = keys.length > 0 || cells.list().length > 0 || body.havingClause !== undefined;
  const place = (expression: Expression): Expression => (isGrouped ? overGroups(intern, keys, expression) : expression);
  const outputs = written.map(({ name, expression }) => ({ name, expression: place(expression) }));
  const order = readOrder({ scope, place, outputs, targets }, body.sortClause);
  const classes = patientClasses(sources.list(), from, pairs);
  const shape = !isGrouped ? "Rows" : derived ? "Patients" : "Groups";
  if (shape === "Patients" && !isOnePatient(sources.list(), from, pairs, keys))
    refuse("Groups inside a derived table", patientsHint);
  cells.check(shape);
  checkOutputs(shape, outputs, keys);
  const offset = readCount(body.limitOffset, 0, undefined) ?? 0;
  if (shape === "Rows" && !derived) checkRows(sources.list(), from, offset);
  return {
    shape,
    sources: sources.list(),
    from,
    where,
    classes,
    keys,
    cells: cells.list(),
    having: having.map(place),
    outputs,
    order,
    limit: readCount(body.limitCount, 1, body.limitOption),
    offset,
  };
}

const patientsHint =
  "A derived table may be grouped if the patient key is among its GROUP BY and all its tables of patients are joined along it, so that each group is one patient.";

function textual(intern: Interner, expression: Expression): Expression {
  return coerce(intern, expression, "Text", null);
}

/** SELECT DISTINCT a, b is GROUP BY a, b. */
function distinctKeys(outputs: readonly Output[], cells: number, body: Tree): Expression[] {
  const plain = list(body.distinctClause).every((item) => Object.keys(asTree(item)).length === 0);
  if (!plain || cells > 0) refuse("This DISTINCT", "Use GROUP BY.");
  return [...new Map(outputs.map(({ expression }) => [expression.id, expression])).values()];
}

function checkOutputs(shape: Select["shape"], outputs: readonly Output[], keys: readonly Expression[]): void {
  for (const { name, expression } of outputs) {
    if (expression.type === "Interval")
      refuse(`The column ${name}, an interval,`, "Use extract(epoch from a - b), in seconds.");
    if (expression.traits.linking === "Wrapped")
      refuse(`The column ${name}, a computed record number,`, "Output the field itself.");
  }
  if (shape === "Groups" && keys.some((key) => key.traits.linking !== "No"))
    refuse(
      "Grouping by a patient or record number",
      "Group by it in a WITH query and aggregate over that, or count(DISTINCT ...) it.",
    );
  if (keys.some((key) => key.type === "Interval")) refuse("Grouping by an interval", "Use extract(epoch from a - b).");
}

/** Rows may not be chosen, or joined, where it does not show by which of a person's values. */
function checkRows(sources: readonly Source[], from: From, offset: number): void {
  if (offset > 0) refuse("OFFSET over rows", "Use ORDER BY with LIMIT, or a condition.");
  if (leftConditions(from).some(isQuasi))
    refuse("A condition on an identifying field in a LEFT JOIN, for rows,", "Put it into the outer WHERE.");
  for (const source of sources) if (source.kind === "Derived") checkDerived(source.alias, source.select);
}

function checkDerived(alias: string, { where, having, from, sources }: Select): void {
  if ([...where, ...having, ...conditions(from)].some(isQuasi))
    refuse(`A condition on an identifying field inside ${alias}, for rows,`, "Put it into the outer WHERE.");
  for (const source of sources) if (source.kind === "Derived") checkDerived(source.alias, source.select);
}

const isQuasi = ({ traits }: Expression): boolean => traits.quasi;

function conditions(from: From): readonly Expression[] {
  return from.kind === "Scan" ? [] : [...from.on, ...conditions(from.left), ...conditions(from.right)];
}

function leftConditions(from: From): readonly Expression[] {
  if (from.kind === "Scan") return [];
  return [...(from.type === "Left" ? from.on : []), ...leftConditions(from.left), ...leftConditions(from.right)];
}

function withQueries(environment: Environment, clause: unknown): Environment {
  if (clause === undefined) return environment;
  const body = asTree(clause);
  acceptOnly("WITH", body, ["ctes"], "WITH RECURSIVE is not read.");
  const queries = new Map<string, WithQuery>(environment.queries);
  let inside: Environment = { ...environment, queries: new Map(queries) };
  for (const item of list(body.ctes)) {
    const query = asTree(asTree(item).CommonTableExpr);
    acceptOnly("WITH", query, ["ctename", "ctematerialized", "ctequery"], "Write WITH name AS (SELECT ...).");
    const select = asTree(asTree(query.ctequery).SelectStmt);
    queries.set(String(query.ctename), { select, environment: inside });
    inside = { ...environment, queries: new Map(queries) };
  }
  return inside;
}
