import { type Environment, findByName } from "./environment.ts";
import type { Column, Expression, Interner } from "./expression.ts";
import { commonType } from "./operations.ts";
import type { From, Select } from "./plan.ts";
import type { Scope } from "./readExpression.ts";
import { readCondition } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import type { Sources } from "./sources.ts";
import { acceptOnly, asTree, at, list, node, strings, type Tree } from "./syntax.ts";

/** Two patient keys that a join makes equal. */
export type KeyPair = { readonly left: Column; readonly right: Column; readonly inner: boolean };
export type FromContext = {
  readonly environment: Environment;
  readonly intern: Interner;
  readonly sources: Sources;
  readonly scope: Scope;
  readonly pairs: KeyPair[];
  readonly readDerived: (environment: Environment, select: Tree) => Select;
};

type ReadFrom = { readonly from: From; readonly sources: number };

const joinHint = "Use JOIN or LEFT JOIN ... ON a.key = b.key along declared keys.";

/** Reads FROM: tables, derived tables and WITH queries, joined along declared keys. */
export function readFrom(context: FromContext, clause: unknown): From {
  const [first, second] = list(clause);
  if (first === undefined) return refuse("A SELECT without FROM", "Name a table of the dataset.");
  if (second !== undefined) return refuse("A comma between tables", joinHint, at(node(second).body));
  return readItem(context, first).from;
}

function readItem(context: FromContext, item: unknown): ReadFrom {
  const { kind, body } = node(item);
  if (kind === "RangeVar") return scan(readTable(context, body));
  if (kind === "RangeSubselect") return scan(readSubselect(context, body));
  if (kind === "JoinExpr") return readJoin(context, body);
  return refuse(`A ${kind} in FROM`, "Name tables of the dataset.", at(body));
}

const scan = (source: number): ReadFrom => ({ from: { kind: "Scan", source }, sources: 1 << source });

function aliasOf(body: Tree): string | undefined {
  const alias = asTree(body.alias);
  acceptOnly("An alias", alias, ["aliasname"], "Name the columns inside the query.");
  return typeof alias.aliasname === "string" ? alias.aliasname : undefined;
}

function readTable({ environment, sources, readDerived }: FromContext, body: Tree): number {
  acceptOnly(
    "A table",
    body,
    ["relname", "inh", "relpersistence", "alias"],
    "Name a table of the dataset, without schema.",
  );
  if (body.inh !== true) refuse("ONLY", "Name the table alone.", at(body));
  const name = String(body.relname);
  environment.countSource(at(body));
  const query = environment.queries.get(name);
  if (query !== undefined)
    return sources.addDerived(readDerived(query.environment, query.select), aliasOf(body) ?? name, at(body));
  const [table, ...others] = findByName(environment.description.tables, (candidate) => candidate.name, name);
  if (table === undefined || others.length > 0)
    return refuse(
      `The table ${name}`,
      `Tables of the dataset: ${environment.description.tables.map((known) => known.name).join(", ")}.`,
      at(body),
    );
  return sources.addTable(table, aliasOf(body) ?? table.name, at(body));
}

function readSubselect({ environment, sources, readDerived }: FromContext, body: Tree): number {
  acceptOnly("A derived table", body, ["subquery", "alias"], "Write (SELECT ...) AS name.");
  const alias = aliasOf(body) ?? refuse("A derived table without a name", "Write (SELECT ...) AS name.");
  environment.countSource(0);
  return sources.addDerived(readDerived(environment, asTree(asTree(body.subquery).SelectStmt)), alias, at(body));
}

const joinTypes: { readonly [type: string]: "Inner" | "Left" } = { JOIN_INNER: "Inner", JOIN_LEFT: "Left" };

function readJoin(context: FromContext, body: Tree): ReadFrom {
  acceptOnly("This join", body, ["jointype", "larg", "rarg", "quals", "usingClause"], joinHint);
  const type =
    joinTypes[String(body.jointype)] ?? refuse(`A ${String(body.jointype).replace("JOIN_", "")} join`, joinHint);
  const left = readItem(context, body.larg);
  const right = readItem(context, body.rarg);
  const using = strings(body.usingClause).map((name) => usingPair(context, name, left, right));
  const written = body.quals === undefined ? [] : conjuncts(body.quals).map((part) => readOn(context, part));
  const on = [...using, ...written];
  const connected = on
    .flatMap(({ pair }) => (pair === undefined ? [] : [pair]))
    .filter((pair) => connects(pair, left, right));
  if (connected.length === 0) refuse("A join without a declared key", `${joinHint} ${declared(context)}`, at(body));
  if (on.some(({ expression }) => (expression.traits.sources & ~(left.sources | right.sources)) !== 0))
    refuse("A join condition on other tables", "Name only the tables that this join connects.", at(body));
  for (const pair of connected)
    if (pair.left.key !== null && pair.right.key !== null) context.pairs.push({ ...pair, inner: type === "Inner" });
  const from: From = {
    kind: "Join",
    type,
    left: left.from,
    right: right.from,
    on: on.map(({ expression }) => expression),
  };
  return { from, sources: left.sources | right.sources };
}

type On = { readonly expression: Expression; readonly pair?: Omit<KeyPair, "inner"> };

function connects(pair: Omit<KeyPair, "inner">, left: ReadFrom, right: ReadFrom): boolean {
  const [a, b] = [1 << pair.left.source, 1 << pair.right.source];
  return (
    ((a & left.sources) !== 0 && (b & right.sources) !== 0) || ((b & left.sources) !== 0 && (a & right.sources) !== 0)
  );
}

function declared({ environment }: FromContext): string {
  return `Declared: ${environment.description.joins.map((join) => `${join.left} = ${join.right}`).join(", ") || "none"}, and patient key = patient key.`;
}

function usingPair(context: FromContext, name: string, left: ReadFrom, right: ReadFrom): On {
  const [a, b] = [context.sources.column([name], 0, left.sources), context.sources.column([name], 0, right.sources)];
  return keyEquality(context, a, b) ?? refuse(`USING (${name})`, declared(context));
}

function readOn(context: FromContext, part: unknown): On {
  const { kind, body } = node(part);
  const sides = [body.lexpr, body.rexpr];
  const isEquality = kind === "A_Expr" && body.kind === "AEXPR_OP" && strings(body.name).join(".") === "=";
  if (isEquality && sides.every((side) => side !== undefined && node(side).kind === "ColumnRef")) {
    const [a, b] = sides.map((side) => context.scope.column(strings(node(side).body.fields), at(node(side).body))) as [
      Expression,
      Expression,
    ];
    const equality = keyEquality(context, a, b);
    if (equality !== undefined) return equality;
    if (a.traits.linking !== "No" || b.traits.linking !== "No") refuse("This join", declared(context), at(body));
  }
  return { expression: readCondition(context.scope, part, "ON") };
}

/** `a = b` for two fields that hold the same identifiers; the only place where patient and record numbers are compared. */
function keyEquality({ environment, intern }: FromContext, a: Expression, b: Expression): On | undefined {
  if (a.kind !== "Column" || b.kind !== "Column" || a.origin === null || b.origin === null) return undefined;
  const domain = environment.domains(a.origin);
  if (domain === undefined || domain !== environment.domains(b.origin) || commonType([a, b]) === undefined)
    return undefined;
  const traits = {
    ...a.traits,
    fields: a.traits.fields | b.traits.fields,
    sources: a.traits.sources | b.traits.sources,
    linking: "No",
    measure: false,
  } as const;
  const expression = intern({ kind: "Call", operation: "equal", args: [a, b], type: "Boolean", traits });
  return { expression, pair: { left: a, right: b } };
}

/** Splits a condition at its top-level ANDs. */
export function conjuncts(condition: unknown): unknown[] {
  const { kind, body } = node(condition);
  return kind === "BoolExpr" && body.boolop === "AND_EXPR" ? list(body.args).flatMap(conjuncts) : [condition];
}
