import { call } from "./build.ts";
import { type Expression, isNumeric, isTime } from "./expression.ts";
import { align } from "./literals.ts";
import type { OperationName } from "./operations.ts";
import { readAll, readExpression, type Scope } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, node, strings, type Tree } from "./syntax.ts";

type Reader = (scope: Scope, operator: string, body: Tree) => Expression;

const accepted = "Use + - * / %, = <> < <= > >=, IN, BETWEEN, LIKE, ILIKE, IS [NOT] DISTINCT FROM.";
const maxPattern = 100;
const maxWildcards = 8;
const maxDays = 36_525;

/** Reads an operator with its operands. */
export function readOperator(scope: Scope, body: Tree): Expression {
  acceptOnly("An operator", body, ["kind", "name", "lexpr", "rexpr", "rexpr_list_start", "rexpr_list_end"], accepted);
  const [operator, ...qualified] = strings(body.name);
  const kind = String(body.kind);
  const reader = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (operator === undefined || qualified.length > 0 || reader === undefined)
    return refuse(`The operator ${operator ?? kind}`, accepted, at(body));
  return reader(scope, operator, body);
}

const readers: { readonly [kind: string]: Reader } = {
  AEXPR_OP: (scope, operator, body) => {
    if (body.lexpr === undefined) return readSign(scope, operator, body);
    const pair = align(scope.intern, [readExpression(scope, body.lexpr), readExpression(scope, body.rexpr)], at(body));
    const [left, right] = pair as [Expression, Expression];
    return compute(scope, operator, left, right, at(body));
  },
  AEXPR_IN: (scope, operator, body) => {
    const items = readAll(scope, asTree(asTree(body.rexpr).List).items);
    const args = align(scope.intern, [readExpression(scope, body.lexpr), ...items], at(body));
    return call(scope.intern, operator === "=" ? "in" : "notIn", args, "IN", at(body));
  },
  AEXPR_BETWEEN: (scope, _, body) => readBetween(scope, "between", body),
  AEXPR_NOT_BETWEEN: (scope, _, body) => readBetween(scope, "notBetween", body),
  AEXPR_LIKE: (scope, operator, body) => readLike(scope, operator === "~~" ? "like" : "notLike", body),
  AEXPR_ILIKE: (scope, operator, body) => readLike(scope, operator === "~~*" ? "ilike" : "notIlike", body),
  AEXPR_NULLIF: (scope, _, body) => readPair(scope, "nullif", body),
  AEXPR_DISTINCT: (scope, _, body) => readPair(scope, "distinct", body),
  AEXPR_NOT_DISTINCT: (scope, _, body) => readPair(scope, "notDistinct", body),
};

function readSign(scope: Scope, operator: string, body: Tree): Expression {
  const operand = readExpression(scope, body.rexpr);
  if (operator === "+" && isNumeric(operand.type)) return operand;
  if (operator !== "-") return refuse(`The operator ${operator}`, accepted, at(body));
  return call(scope.intern, "negate", [operand], "-", at(body));
}

function readPair(scope: Scope, name: OperationName, body: Tree): Expression {
  const pair = [readExpression(scope, body.lexpr), readExpression(scope, body.rexpr)];
  return call(scope.intern, name, align(scope.intern, pair, at(body)), name.toUpperCase(), at(body));
}

function readBetween(scope: Scope, name: OperationName, body: Tree): Expression {
  const operands = [readExpression(scope, body.lexpr), ...readAll(scope, asTree(asTree(body.rexpr).List).items)];
  return call(scope.intern, name, align(scope.intern, operands, at(body)), "BETWEEN", at(body));
}

/** Patterns are constants, bounded, and complete, so that matching cannot fail or run away. */
function readLike(scope: Scope, name: OperationName, body: Tree): Expression {
  if (node(body.rexpr).kind === "FuncCall")
    return refuse("LIKE with ESCAPE", "Write \\% and \\_ for the characters themselves.", at(body));
  const pattern = readExpression(scope, body.rexpr);
  if (pattern.kind !== "Literal" || pattern.value === null || pattern.type !== "Text")
    return refuse("A LIKE pattern that is computed", "Write the pattern as 'text%'.", at(body));
  const wildcards = pattern.value.match(/[%_]/g)?.length ?? 0;
  if (pattern.value.length > maxPattern || wildcards > maxWildcards || !/^(?:[^\\]|\\[%_\\])*$/s.test(pattern.value))
    return refuse(
      "This LIKE pattern",
      `At most ${maxPattern} characters and ${maxWildcards} wildcards; \\ only before % _ \\.`,
      at(body),
    );
  return call(scope.intern, name, [readExpression(scope, body.lexpr), pattern], "LIKE", at(body));
}

const comparisons: { readonly [operator: string]: OperationName } = {
  "=": "equal",
  "<>": "notEqual",
  "<": "less",
  "<=": "lessOrEqual",
  ">": "greater",
  ">=": "greaterOrEqual",
};
const arithmetic: { readonly [operator: string]: OperationName } = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "%": "modulo",
};

function compute(scope: Scope, operator: string, left: Expression, right: Expression, position: number): Expression {
  const part = `The operator ${operator}`;
  const build = (name: OperationName, ...args: Expression[]): Expression =>
    call(scope.intern, name, args, part, position);
  const comparison = comparisons[operator];
  if (comparison !== undefined) return build(comparison, left, right);
  if (isTime(left.type) || isTime(right.type)) return shift(scope, operator, left, right, position);
  if (operator === "/") return build(division(left, right), left, right);
  const name = arithmetic[operator];
  return name === undefined ? refuse(part, accepted, position) : build(name, left, right);
}

/** As PostgreSQL: integers divide to integers. By a constant it cannot fail; otherwise a zero gives NULL. */
function division(left: Expression, right: Expression): OperationName {
  if (left.type === "Integer" && right.type === "Integer") return "divideWhole";
  return right.kind === "Literal" && /[1-9]/.test((right.value ?? "").replace(/e.*$/, "")) ? "divideBy" : "divide";
}

function shift(scope: Scope, operator: string, left: Expression, right: Expression, position: number): Expression {
  const build = (name: OperationName, ...args: Expression[]): Expression =>
    call(scope.intern, name, args, `The operator ${operator}`, position);
  if (operator === "-" && isTime(right.type)) return build(left.type === "Date" ? "days" : "elapsed", left, right);
  if (operator === "+" && isTime(right.type) && !isTime(left.type))
    return shift(scope, operator, right, left, position);
  if (operator !== "+" && operator !== "-")
    return refuse(`The operator ${operator} over times`, "Subtract times, or add a constant interval.", position);
  if (right.kind !== "Literal" || right.value === null)
    return refuse("A computed shift of a time", "Add a constant such as interval '36 hours', or days.", position);
  if (right.type === "Interval") return build(operator === "+" ? "addInterval" : "subtractInterval", left, right);
  if (Math.abs(Number(right.value)) > maxDays) return refuse("A shift this far", `At most ${maxDays} days.`, position);
  return build(operator === "+" ? "addDays" : "subtractDays", left, right);
}
