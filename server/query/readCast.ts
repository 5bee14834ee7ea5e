import { call, literal } from "./build.ts";
import { type Expression, isNumeric, isTime, type ValueType } from "./expression.ts";
import { coerce, isUntyped } from "./literals.ts";
import type { OperationName } from "./operations.ts";
import { readExpression, type Scope } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, list, strings, type Tree } from "./syntax.ts";

const accepted = "Cast to integer, numeric, text, boolean, date or timestamp.";

const typeNames: { readonly [name: string]: ValueType } = {
  int2: "Integer",
  int4: "Integer",
  int8: "Integer",
  numeric: "Decimal",
  float4: "Decimal",
  float8: "Decimal",
  text: "Text",
  varchar: "Text",
  bool: "Boolean",
  date: "Date",
  timestamp: "Timestamp",
  timestamptz: "Timestamp",
  interval: "Interval",
};

/** Casts that cannot fail on any data; those of constants are decided when they are read. */
const casts: {
  readonly [T in ValueType]: { readonly from: (type: ValueType) => boolean; readonly operation: OperationName } | null;
} = {
  Integer: { from: isNumeric, operation: "toInteger" },
  Decimal: { from: isNumeric, operation: "toDecimal" },
  Text: { from: (type) => type === "Integer", operation: "toText" },
  Boolean: null,
  Date: { from: isTime, operation: "toDate" },
  Timestamp: { from: isTime, operation: "toTimestamp" },
  Interval: null,
};

/** Reads `x::type`, `CAST(x AS type)` and `DATE '...'`. */
export function readCast(scope: Scope, body: Tree): Expression {
  acceptOnly("A cast", body, ["arg", "typeName"], accepted);
  const typeName = asTree(body.typeName);
  acceptOnly("This type", typeName, ["names", "typmods", "typemod"], accepted);
  const names = strings(typeName.names);
  const name = names.at(-1) ?? "";
  const known = names.length === 1 || (names.length === 2 && names[0] === "pg_catalog");
  const type = known && Object.hasOwn(typeNames, name) ? typeNames[name] : undefined;
  if (type === undefined) return refuse(`A cast to ${names.join(".")}`, accepted, at(typeName));
  const digits = scaleOf(name, typeName);
  const cast = castTo(scope, type, readExpression(scope, body.arg), at(typeName));
  if (digits === null) return cast;
  return call(scope.intern, "round", [cast, literal(scope.intern, "Integer", String(digits))], "A cast", at(typeName));
}

function castTo(scope: Scope, type: ValueType, arg: Expression, position: number): Expression {
  if (isUntyped(arg)) return coerce(scope.intern, arg, type, position);
  if (arg.type === type && arg.traits.linking === "No") return arg;
  const cast = casts[type];
  if (cast === null || !cast.from(arg.type))
    return refuse(
      `A cast of ${arg.type} to ${type}`,
      "It could fail on some rows; compare the field as it is.",
      position,
    );
  return call(scope.intern, cast.operation, [arg], "A cast", position);
}

/** The s of numeric(p, s); null without. */
function scaleOf(name: string, typeName: Tree): number | null {
  const modifiers = list(typeName.typmods).map((modifier) => asTree(asTree(asTree(modifier).A_Const).ival));
  if (modifiers.length === 0) return null;
  const scale = Number(modifiers[1]?.ival ?? 0);
  if (name !== "numeric" || modifiers.length > 2 || scale < 0 || scale > 20)
    return refuse(`${name} with a length`, "Cast without a length, or to numeric(p, s).", at(typeName));
  return scale;
}
