import { isAggregate, refusedAggregates } from "./aggregates.ts";
import { call, literal } from "./build.ts";
import type { Expression } from "./expression.ts";
import { coerce, isUntyped } from "./literals.ts";
import { type OperationName, timeParts, truncUnits } from "./operations.ts";
import { readAll, type Scope } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, at, strings, type Tree } from "./syntax.ts";

type Reader = (scope: Scope, args: readonly Expression[], name: string, at: number) => Expression;

/** Reads a function call: an aggregate if the scope takes it, else one of `functions`. */
export function readFunction(scope: Scope, body: Tree): Expression {
  const name = nameOf(body);
  if (isAggregate(name)) return scope.aggregate(name, body);
  const reader = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (reader === undefined) return refuse(`The function ${name}`, hintFor(name), at(body));
  acceptOnly(`The function ${name}`, body, ["funcname", "args", "funcformat"], "Write name(arguments) only.");
  return reader(scope, readAll(scope, body.args), name, at(body));
}

/** Functions go by their bare name; only syntax such as EXTRACT(...) carries the parser's own schema. */
function nameOf(body: Tree): string {
  const names = strings(body.funcname);
  const [first = "", second] = names;
  if (names.length === 1) return first;
  const bySyntax = names.length === 2 && first === "pg_catalog" && body.funcformat === "COERCE_SQL_SYNTAX";
  return bySyntax && second !== undefined
    ? second
    : refuse(`The function ${names.join(".")}`, "Write the function's name without a schema.", at(body));
}

function hintFor(name: string): string {
  return (
    (Object.hasOwn(refusedAggregates, name) ? refusedAggregates[name] : undefined) ??
    (Object.hasOwn(otherWays, name) ? otherWays[name] : undefined) ??
    `Use ${Object.keys(functions).join(", ")}, coalesce, nullif, or an accepted aggregate.`
  );
}

const otherWays: { readonly [name: string]: string } = {
  age: "Subtract: date - date gives days.",
  now: "Write the date itself, so that the same query gives the same answer.",
  to_char: "Use extract or date_trunc.",
  to_date: "Write date '2024-01-31'.",
};

const plain =
  (operation: OperationName, count: number): Reader =>
  (scope, args, name, position) => {
    if (args.length !== count) return refuse(`${name} with ${args.length} arguments`, `It takes ${count}.`, position);
    return call(
      scope.intern,
      operation,
      args.map((arg) => coerce(scope.intern, arg, "Text", position)),
      name,
      position,
    );
  };

const time =
  (operation: OperationName, units: readonly string[]): Reader =>
  (scope, [unit, of, ...more], name, position) => {
    if (unit === undefined || of === undefined || more.length > 0)
      return refuse(name, `Write ${name} with a unit and a time.`, position);
    const word = unit.kind === "Literal" && unit.value !== null ? unit.value.toLowerCase() : "";
    if (!units.includes(word) || isUntyped(of))
      return refuse(`${name} of this unit`, `Use ${units.join(", ")} of a date or timestamp.`, position);
    return call(scope.intern, operation, [literal(scope.intern, "Text", word), of], name, position);
  };

const functions: { readonly [name: string]: Reader } = {
  abs: plain("abs", 1),
  floor: plain("floor", 1),
  ceil: plain("ceil", 1),
  ceiling: plain("ceil", 1),
  round: (scope, [value, digits = literal(scope.intern, "Integer", "0"), ...more], name, position) => {
    if (value === undefined || more.length > 0) return refuse(name, "Write round(x) or round(x, digits).", position);
    return call(
      scope.intern,
      "round",
      [value, constant(digits, -10, 10, "The digits of round", position, true)],
      name,
      position,
    );
  },
  width_bucket: readBucket,
  lower: plain("lower", 1),
  upper: plain("upper", 1),
  length: plain("length", 1),
  char_length: plain("length", 1),
  left: (scope, [text, count, ...more], name, position) => {
    if (text === undefined || count === undefined || more.length > 0)
      return refuse(name, "Write left(text, count).", position);
    return call(
      scope.intern,
      "left",
      [text, constant(count, 0, 1000, "The count of left", position, true)],
      name,
      position,
    );
  },
  substring: readSubstring,
  substr: readSubstring,
  date_trunc: time("truncate", truncUnits),
  extract: time("extract", Object.keys(timeParts)),
  date_part: time("extract", Object.keys(timeParts)),
};

function readBucket(scope: Scope, args: readonly Expression[], name: string, position: number): Expression {
  const [value, low, high, count] = args;
  if (value === undefined || low === undefined || high === undefined || count === undefined || args.length !== 4)
    return refuse(name, "Write width_bucket(x, low, high, count).", position);
  const bounds = [low, high].map((bound) => constant(bound, -1e12, 1e12, "A bound of width_bucket", position));
  const [first, second] = bounds.map((bound) => (bound.kind === "Literal" ? Number(bound.value) : 0));
  if (first === second) return refuse("width_bucket with equal bounds", "Make the bounds differ.", position);
  const buckets = constant(count, 1, 1000, "The count of width_bucket", position, true);
  return call(scope.intern, "widthBucket", [value, ...bounds, buckets], name, position);
}

function readSubstring(scope: Scope, args: readonly Expression[], name: string, position: number): Expression {
  const [text, from, count = literal(scope.intern, "Integer", "1000"), ...more] = args;
  if (text === undefined || from === undefined || more.length > 0)
    return refuse(name, "Write substring(text from 1 for 3).", position);
  const bounds = [
    constant(from, 1, 1000, "The start of substring", position, true),
    constant(count, 0, 1000, "The count of substring", position, true),
  ];
  return call(scope.intern, "substring", [text, ...bounds], name, position);
}

/** A number that must be written out, within bounds. */
function constant(
  value: Expression,
  low: number,
  high: number,
  part: string,
  position: number,
  whole = false,
): Expression {
  const number = value.kind === "Literal" && !value.untyped && value.value !== null ? Number(value.value) : Number.NaN;
  const fits = number >= low && number <= high && (!whole || value.type === "Integer");
  return fits ? value : refuse(`${part} other than a constant`, `Write a number from ${low} to ${high}.`, position);
}
