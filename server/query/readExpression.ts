import { call, literal } from "./build.ts";
import type { Expression, Interner, ValueType } from "./expression.ts";
import { align, coerce, isUntyped, numberLiteral } from "./literals.ts";
import type { OperationName } from "./operations.ts";
import { readCast } from "./readCast.ts";
import { readFunction } from "./readFunction.ts";
import { readOperator } from "./readOperator.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, list, node, strings, type Tree } from "./syntax.ts";

/** Where an expression stands: how its columns resolve, and what becomes of aggregates there. */
export type Scope = {
  readonly intern: Interner;
  readonly column: (names: readonly string[], at: number) => Expression;
  readonly aggregate: (name: string, body: Tree) => Expression;
};

type Reader = (scope: Scope, body: Tree) => Expression;

/** Reads one expression of the parse tree; throws StatementRefused at the first part outside the grammar. */
export function readExpression(scope: Scope, value: unknown): Expression {
  const { kind, body } = node(value);
  const reader = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (reader === undefined)
    return refuse(...(refusedKinds[kind] ?? [`A ${kind}`, "See the accepted grammar."]), at(body));
  return reader(scope, body);
}

/** Reads a condition. */
export function readCondition(scope: Scope, value: unknown, part: string): Expression {
  const condition = coerce(scope.intern, readExpression(scope, value), "Boolean", null);
  return condition.type === "Boolean"
    ? condition
    : refuse(`${part} that is not a condition`, "Compare something.", at(node(value).body));
}

const readers: { readonly [kind: string]: Reader } = {
  ColumnRef: (scope, body) => {
    acceptOnly("A column", body, ["fields"], "Write table.field.");
    if (list(body.fields).some((field) => node(field).kind === "A_Star"))
      return refuse("*", "Name each field that you need; every field needs a licence.", at(body));
    return scope.column(strings(body.fields), at(body));
  },
  A_Const: readConstant,
  A_Expr: readOperator,
  BoolExpr: readBoolean,
  NullTest: (scope, body) => {
    acceptOnly("IS NULL", body, ["arg", "nulltesttype"], "Test one expression.");
    return call(
      scope.intern,
      body.nulltesttype === "IS_NULL" ? "isNull" : "isNotNull",
      [readExpression(scope, body.arg)],
      "IS NULL",
      at(body),
    );
  },
  BooleanTest: (scope, body) => {
    acceptOnly("A truth test", body, ["arg", "booltesttype"], "Test one condition.");
    const operation = booleanTests[String(body.booltesttype)];
    if (operation === undefined) return refuse("A truth test", "Use IS [NOT] TRUE, FALSE or UNKNOWN.", at(body));
    return call(scope.intern, operation, [readCondition(scope, body.arg, "A truth test")], "A truth test", at(body));
  },
  CaseExpr: readCase,
  CoalesceExpr: (scope, body) => {
    acceptOnly("coalesce", body, ["args"], "Write coalesce(a, b).");
    const args = align(scope.intern, readAll(scope, body.args), at(body));
    return call(scope.intern, "coalesce", args, "coalesce", at(body));
  },
  TypeCast: readCast,
  FuncCall: readFunction,
};

const booleanTests: { readonly [test: string]: OperationName } = {
  IS_TRUE: "isTrue",
  IS_NOT_TRUE: "isNotTrue",
  IS_FALSE: "isFalse",
  IS_NOT_FALSE: "isNotFalse",
  IS_UNKNOWN: "isNull",
  IS_NOT_UNKNOWN: "isNotNull",
};

const refusedKinds: { readonly [kind: string]: readonly [part: string, allowed: string] } = {
  SubLink: ["A subquery inside an expression", "Use a JOIN, or WITH in front of the SELECT."],
  ParamRef: ["A parameter", "Write the value itself; it reaches the database as a parameter anyway."],
  SQLValueFunction: [
    "The current time or user",
    "Write the date itself, so that the same query gives the same answer.",
  ],
  MinMaxExpr: ["greatest or least", "Use CASE."],
  A_ArrayExpr: ["An array", "Use IN (...) for lists."],
  RowExpr: ["A row", "Compare field by field."],
  CollateClause: ["COLLATE", "Text is ordered by code point."],
  A_Indirection: ["A subscript", "Use plain fields."],
  GroupingFunc: ["GROUPING", "Use plain GROUP BY."],
};

export function readAll(scope: Scope, values: unknown): Expression[] {
  return list(values).map((value) => readExpression(scope, value));
}

function readConstant(scope: Scope, body: Tree): Expression {
  const { intern } = scope;
  acceptOnly(
    "A constant",
    body,
    ["ival", "fval", "sval", "boolval", "isnull"],
    "Write numbers, 'text', true, false or NULL.",
  );
  if (body.isnull === true) return literal(intern, "Text", null, true);
  if (body.sval !== undefined) return literal(intern, "Text", String(asTree(body.sval).sval ?? ""), true);
  if (body.boolval !== undefined) return literal(intern, "Boolean", String(asTree(body.boolval).boolval ?? false));
  const number = body.fval === undefined ? asTree(body.ival).ival : asTree(body.fval).fval;
  return numberLiteral(intern, String(number ?? 0), at(body));
}

function readBoolean(scope: Scope, body: Tree): Expression {
  acceptOnly("A condition", body, ["boolop", "args"], "Use AND, OR, NOT.");
  const names: { readonly [operator: string]: OperationName } = { AND_EXPR: "and", OR_EXPR: "or", NOT_EXPR: "not" };
  const name = names[String(body.boolop)] ?? refuse("A condition", "Use AND, OR, NOT.", at(body));
  const args = list(body.args).map((arg) => readCondition(scope, arg, name.toUpperCase()));
  return call(scope.intern, name, args, name.toUpperCase(), at(body));
}

function readCase(scope: Scope, body: Tree): Expression {
  const { intern } = scope;
  acceptOnly("CASE", body, ["arg", "args", "defresult"], "Write CASE WHEN condition THEN value END.");
  const subject = body.arg === undefined ? null : readExpression(scope, body.arg);
  const branches = list(body.args).map((branch) => asTree(asTree(branch).CaseWhen));
  const conditions = branches.map(({ expr }) => {
    if (subject === null) return readCondition(scope, expr, "WHEN");
    return call(intern, "equal", align(intern, [subject, readExpression(scope, expr)], at(body)), "CASE", at(body));
  });
  const otherwise =
    body.defresult === undefined ? literal(intern, "Text", null, true) : readExpression(scope, body.defresult);
  const results = alignResults(
    scope,
    [...branches.map(({ result }) => readExpression(scope, result)), otherwise],
    at(body),
  );
  const args = conditions.flatMap((condition, index) => [condition, results[index] ?? otherwise]);
  return call(intern, "case", [...args, results.at(-1) ?? otherwise], "CASE", at(body));
}

/** As `align`; a CASE of nothing but quoted texts is Text. */
function alignResults(scope: Scope, results: readonly Expression[], position: number): Expression[] {
  const type: ValueType = "Text";
  if (results.every(isUntyped)) return results.map((result) => coerce(scope.intern, result, type, position));
  return align(scope.intern, results, position);
}
