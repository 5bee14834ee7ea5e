import { call, literal } from "./build.ts";
import type { Expression, Interner } from "./expression.ts";
import { isNullLiteral } from "./operations.ts";

/** `core * scale + shift`: what a measure is but for the constants that a consumer chose. Without a core it is the constant `shift`. */
export type Affine = {
  readonly core: Expression | null;
  readonly scale: Expression | null;
  readonly shift: Expression | null;
  /** Whether `scale` is negative. */
  readonly turned: boolean;
};

/** Takes the constants out of a measure, so that equal figures under other constants are one figure. */
export function affineOf(intern: Interner, expression: Expression): Affine {
  const whole: Affine = { core: expression, scale: null, shift: null, turned: false };
  if (expression.kind === "Literal" && expression.value !== null) return { ...whole, core: null, shift: expression };
  if (expression.kind !== "Call") return whole;
  const { operation, args } = expression;
  const [first, second, third] = args;
  if (first === undefined) return whole;
  if (operation === "negate") return scaled(intern, affineOf(intern, first), literal(intern, "Integer", "-1"));
  if (operation === "toDecimal") return affineOf(intern, first);
  if (second === undefined) return whole;
  if (operation === "case" && third !== undefined && args.length === 3 && isNullLiteral(third))
    return filtered(intern, first, affineOf(intern, second), whole);
  const [a, b] = [affineOf(intern, first), affineOf(intern, second)];
  if (operation === "add" || operation === "subtract") return added(intern, operation, a, b, whole);
  if (operation === "multiply" && isFactor(a)) return scaled(intern, b, a.shift);
  if (operation === "multiply" && isFactor(b)) return scaled(intern, a, b.shift);
  if (operation === "divideBy") return scaled(intern, a, second, "divideBy");
  return whole;
}

const isFactor = (of: Affine): of is Affine & { readonly shift: Expression } =>
  of.core === null && of.shift?.kind === "Literal" && Number(of.shift.value) !== 0;

const isNegative = (expression: Expression): boolean => expression.kind === "Literal" && Number(expression.value) < 0;

function scaled(
  intern: Interner,
  of: Affine,
  factor: Expression,
  operation: "multiply" | "divideBy" = "multiply",
): Affine {
  const apply = (expression: Expression | null): Expression | null =>
    expression && call(intern, operation, [expression, factor], "A product");
  const one = of.core === null ? null : (of.scale ?? literal(intern, "Integer", "1"));
  return { core: of.core, scale: apply(one), shift: apply(of.shift), turned: of.turned !== isNegative(factor) };
}

function added(intern: Interner, operation: "add" | "subtract", a: Affine, b: Affine, whole: Affine): Affine {
  const negative = literal(intern, "Integer", "-1");
  const shift = combine(intern, operation, a.shift, b.shift);
  if (b.core === null) return { ...a, shift };
  if (a.core === null) return { ...(operation === "add" ? b : scaled(intern, b, negative)), shift };
  const isPlain = [a, b].every(({ scale, shift }) => scale === null && shift === null);
  const core = isPlain ? whole.core : call(intern, operation, [product(intern, a), product(intern, b)], "A sum");
  return { core, scale: null, shift, turned: false };
}

function combine(
  intern: Interner,
  operation: "add" | "subtract",
  a: Expression | null,
  b: Expression | null,
): Expression | null {
  if (b === null) return a;
  return call(intern, operation, [a ?? literal(intern, "Integer", "0"), b], "A sum");
}

function product(intern: Interner, { core, scale }: Affine): Expression {
  if (core === null) throw new Error("a constant has no core");
  return scale === null ? core : call(intern, "multiply", [core, scale], "A product");
}

function filtered(intern: Interner, condition: Expression, of: Affine, whole: Affine): Affine {
  if (of.core === null || (of.scale === null && of.shift === null)) return whole;
  const core = call(intern, "case", [condition, of.core, literal(intern, of.core.type, null)], "CASE");
  return { ...of, core };
}
