import type { Expression, Interner, Literal, Traits, ValueType } from "./expression.ts";
import { noTraits } from "./expression.ts";
import { caseResults, isNullLiteral, type Operation, type OperationName, operationOf } from "./operations.ts";
import { refuse } from "./refused.ts";

const linkingHint =
  "Patient and record numbers join, are counted with count(distinct ...), and leave as pseudonyms in rows.";

export function literal(intern: Interner, type: ValueType, value: string | null, untyped = false): Literal {
  const traits: Traits = value === null ? { ...noTraits, nulls: "Conditional" } : noTraits;
  return intern({ kind: "Literal", type, value, untyped, traits }) as Literal;
}

/** Applies an operation. Throws StatementRefused where the types do not fit or a linking field would be computed with. */
export function call(
  intern: Interner,
  name: OperationName,
  args: readonly Expression[],
  part: string,
  at: number | null = null,
): Expression {
  const operation = operationOf(name);
  const linking = linkingOf(name, args, part, at);
  const type = operation.result(args);
  if (type === undefined)
    return refuse(
      `${part} over ${args.map((arg) => arg.type).join(", ") || "nothing"}`,
      "Check the types of the fields, or cast.",
      at,
    );
  return intern({ kind: "Call", operation: name, args, type, traits: { ...traitsOf(name, operation, args), linking } });
}

function linkingOf(
  name: OperationName,
  args: readonly Expression[],
  part: string,
  at: number | null,
): Traits["linking"] {
  const linked = args.filter((arg) => arg.traits.linking !== "No");
  if (linked.length === 0 || name === "isNull" || name === "isNotNull") return "No";
  const [, result, otherwise] = args;
  const wraps =
    name === "case" && args.length === 3 && linked.length === 1 && linked[0] === result && isNullLiteral(otherwise);
  return wraps ? "Wrapped" : refuse(`${part} over a patient or record number`, linkingHint, at);
}

function traitsOf(name: OperationName, operation: Operation, args: readonly Expression[]): Omit<Traits, "linking"> {
  const all = args.map((arg) => arg.traits);
  const fields = all.reduce((bits, traits) => bits | traits.fields, 0n);
  const sources = all.reduce((bits, traits) => bits | traits.sources, 0);
  const values = name === "case" ? caseResults(args).map((arg) => arg.traits) : all;
  const computed = name === "case" || name === "nullif" ? values.slice(0, 1) : values;
  return {
    fields,
    sources,
    quasi: all.some((traits) => traits.quasi),
    nulls: nullsOf(operation, all, fields, sources),
    measure: computed.every((traits) => traits.measure) && operation.measure(args),
    degree: computed.reduce((sum, traits) => sum + traits.degree, 0),
    monomial:
      (name === "multiply" || name === "divideBy" || name === "toDecimal") && all.every((traits) => traits.monomial),
  };
}

function nullsOf(operation: Operation, all: readonly Traits[], fields: bigint, sources: number): Traits["nulls"] {
  if (operation.nulls === "Conditional" || all.some((traits) => traits.nulls === "Conditional")) return "Conditional";
  const single = (fields & (fields - 1n)) <= 0n && (sources & (sources - 1)) === 0;
  return operation.nulls === "Strict" && single && all.every((traits) => traits.nulls === "Whole")
    ? "Whole"
    : "Partial";
}
