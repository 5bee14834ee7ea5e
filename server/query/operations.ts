import { type Expression, isNumeric, isTime, type ValueType } from "./expression.ts";

/**
 * One operation of the algebra.
 * `result` gives the type for these arguments, or undefined where they do not fit; `emit` writes SQL that cannot fail on any data;
 * `nulls`: "Strict" is null exactly where an argument is; `measure`: whether a sum over it may be released.
 */
export type Operation = {
  readonly result: (args: readonly Expression[]) => ValueType | undefined;
  readonly emit: (args: readonly string[], expressions: readonly Expression[]) => string;
  readonly nulls: "Strict" | "Partial" | "Conditional";
  readonly measure: (args: readonly Expression[]) => boolean;
};

type Emit = Operation["emit"];
const never = (): boolean => false;
const always = (): boolean => true;

const truth = (emit: Emit, result: Operation["result"], nulls: Operation["nulls"] = "Strict"): Operation => ({
  result,
  emit,
  nulls,
  measure: never,
});

const types =
  (...wanted: ValueType[]) =>
  (args: readonly Expression[]): boolean =>
    args.length === wanted.length && args.every((arg, index) => arg.type === wanted[index]);

const allNumeric = (args: readonly Expression[]): boolean => args.every((arg) => isNumeric(arg.type));

/** Types that can stand on two sides of a comparison or in two branches of a CASE; the wider of them. */
export function commonType(args: readonly Expression[]): ValueType | undefined {
  const found = new Set(args.map((arg) => arg.type));
  if (found.size === 1) return args[0]?.type;
  if (allNumeric(args)) return "Decimal";
  return args.every((arg) => isTime(arg.type)) ? "Timestamp" : undefined;
}

const comparable = (args: readonly Expression[]): ValueType | undefined =>
  commonType(args) === undefined ? undefined : "Boolean";
const ordered = (args: readonly Expression[]): ValueType | undefined =>
  commonType(args) === "Boolean" ? undefined : comparable(args);
const allBoolean = (args: readonly Expression[]): ValueType | undefined =>
  args.every((arg) => arg.type === "Boolean") ? "Boolean" : undefined;
const anything = (): ValueType => "Boolean";

/** Text is ordered by code point, whatever the database's locale. */
const collated = (sql: string, expression: Expression | undefined): string =>
  expression?.type === "Text" ? `(${sql}) COLLATE "C"` : sql;

const infix =
  (operator: string): Emit =>
  (args) =>
    args.map((arg) => `(${arg})`).join(` ${operator} `);
const orderedInfix =
  (operator: string): Emit =>
  (args, expressions) =>
    `${collated(args[0] ?? "", expressions[0])} ${operator} (${args[1]})`;
const suffix =
  (words: string): Emit =>
  (args) =>
    `(${args[0]}) ${words}`;
const call =
  (name: string): Emit =>
  (args) =>
    `${name}(${args.join(", ")})`;
const textCall =
  (name: string): Emit =>
  ([text, ...counts]) =>
    `${name}(${[text, ...counts.map((count) => `(${count})::integer`)].join(", ")})`;
const numericInfix =
  (operator: string): Emit =>
  (args) =>
    args.map((arg) => `(${arg})::numeric`).join(` ${operator} `);

const arithmetic = (operator: string): Operation => ({
  result: (args) => (args.length === 2 && allNumeric(args) ? commonType(args) : undefined),
  emit: numericInfix(operator),
  nulls: "Strict",
  measure: always,
});

const numberToNumber = (emit: Emit, type: ValueType | "Same", measure: Operation["measure"] = never): Operation => ({
  result: (args) =>
    args[0] !== undefined && isNumeric(args[0].type) ? (type === "Same" ? args[0].type : type) : undefined,
  emit,
  nulls: "Strict",
  measure,
});

const textTo = (emit: Emit, type: ValueType, ...more: ValueType[]): Operation => ({
  result: (args) => (types("Text", ...more)(args) ? type : undefined),
  emit,
  nulls: "Strict",
  measure: never,
});

const timeTo = (
  emit: Emit,
  type: ValueType,
  fits: (args: readonly Expression[]) => boolean,
  measure: boolean,
): Operation => ({
  result: (args) => (fits(args) ? type : undefined),
  emit,
  nulls: "Strict",
  measure: () => measure,
});

const convert = (type: ValueType, sqlType: string, fits: (type: ValueType) => boolean, measure = false): Operation => ({
  result: (args) => (args[0] !== undefined && fits(args[0].type) ? type : undefined),
  emit: ([arg]) => `(${arg})::${sqlType}`,
  nulls: "Strict",
  measure: () => measure,
});

/** Parts of a time that `extract` gives, with the type of the result. */
export const timeParts: { readonly [part: string]: ValueType } = {
  year: "Integer",
  quarter: "Integer",
  month: "Integer",
  week: "Integer",
  day: "Integer",
  dow: "Integer",
  isodow: "Integer",
  isoyear: "Integer",
  doy: "Integer",
  hour: "Integer",
  minute: "Integer",
  second: "Decimal",
  epoch: "Decimal",
};
export const intervalParts: readonly string[] = ["day", "hour", "minute", "second", "epoch"];
export const truncUnits: readonly string[] = ["year", "quarter", "month", "week", "day", "hour", "minute"];

const literalOf = (expression: Expression | undefined): string =>
  expression?.kind === "Literal" ? (expression.value ?? "") : "";

function extractType([part, time]: readonly Expression[]): ValueType | undefined {
  if (time === undefined) return undefined;
  if (time.type === "Interval") return intervalParts.includes(literalOf(part)) ? timeParts[literalOf(part)] : undefined;
  return isTime(time.type) ? timeParts[literalOf(part)] : undefined;
}

/** The unit as our own word, never the consumer's text. */
function unitWord(expression: Expression | undefined): string {
  const unit = Object.keys(timeParts).find((part) => part === literalOf(expression));
  if (unit === undefined) throw new Error("a unit of time was not checked when it was read");
  return unit;
}

function emitExtract([, time]: readonly string[], [part, of]: readonly Expression[]): string {
  const word = unitWord(part);
  const source = of?.type === "Date" ? `(${time})::timestamp` : time;
  return timeParts[word] === "Integer" ? `extract(${word} from ${source})::bigint` : `extract(${word} from ${source})`;
}

/** A part of a time counts as a measure only where the consumer cannot shift its steps. */
const unshifted = ([, time]: readonly Expression[]): boolean =>
  time?.kind === "Column" || (time?.kind === "Call" && (time.operation === "elapsed" || time.operation === "days"));

function caseType(args: readonly Expression[]): ValueType | undefined {
  const conditions = args.slice(0, -1).filter((_, index) => index % 2 === 0);
  return allBoolean(conditions) && commonType(caseResults(args));
}

export function caseResults(args: readonly Expression[]): Expression[] {
  return args.filter((_, index) => index % 2 === 1 || index === args.length - 1);
}

const emitCase: Emit = (args) => {
  const pairs = args.slice(0, -1);
  const branches = pairs.flatMap((when, index) => (index % 2 === 0 ? [`WHEN ${when} THEN ${pairs[index + 1]}`] : []));
  return `CASE ${branches.join(" ")} ELSE ${args.at(-1)} END`;
};

/** One condition, something measured, and NULL otherwise. */
const isFilteringCase = (args: readonly Expression[]): boolean =>
  args.length === 3 && isNullLiteral(args[2]) && args[1]?.traits.measure === true && args[1].traits.degree > 0;

export function isNullLiteral(expression: Expression | undefined): boolean {
  return expression?.kind === "Literal" && expression.value === null;
}

const wholeQuotient = (args: readonly Expression[]): boolean => args[1]?.traits.monomial === true;

const time = (type: ValueType): boolean => isTime(type);
const shiftFits = (args: readonly Expression[]): boolean =>
  args[0] !== undefined && isTime(args[0].type) && args[1]?.type === "Interval";

export const operations = {
  add: arithmetic("+"),
  subtract: arithmetic("-"),
  multiply: arithmetic("*"),
  divide: {
    result: (args) => (args.length === 2 && allNumeric(args) ? "Decimal" : undefined),
    emit: ([a, b]) => `(${a})::numeric / nullif((${b})::numeric, 0)`,
    nulls: "Partial",
    measure: wholeQuotient,
  },
  /** By a constant other than 0. */
  divideBy: {
    result: (args) => (args.length === 2 && allNumeric(args) ? "Decimal" : undefined),
    emit: numericInfix("/"),
    nulls: "Strict",
    measure: always,
  },
  divideWhole: {
    result: (args) => (types("Integer", "Integer")(args) ? "Integer" : undefined),
    emit: ([a, b]) => `div((${a})::numeric, nullif((${b})::numeric, 0))`,
    nulls: "Partial",
    measure: never,
  },
  modulo: {
    result: (args) => (args.length === 2 && allNumeric(args) ? commonType(args) : undefined),
    emit: ([a, b]) => `mod((${a})::numeric, nullif((${b})::numeric, 0))`,
    nulls: "Partial",
    measure: never,
  },
  negate: numberToNumber(([a]) => `-((${a})::numeric)`, "Same", always),
  abs: numberToNumber(([a]) => `abs((${a})::numeric)`, "Same"),
  floor: numberToNumber(([a]) => `floor((${a})::numeric)`, "Decimal"),
  ceil: numberToNumber(([a]) => `ceil((${a})::numeric)`, "Decimal"),
  round: numberToNumber(([a, digits]) => `round((${a})::numeric, (${digits})::integer)`, "Decimal"),
  widthBucket: numberToNumber(
    ([a, low, high, count]) =>
      `width_bucket((${a})::numeric, (${low})::numeric, (${high})::numeric, (${count})::integer)::bigint`,
    "Integer",
  ),
  toDecimal: numberToNumber(([a]) => `(${a})::numeric`, "Decimal", always),
  toInteger: numberToNumber(([a]) => `round((${a})::numeric, 0)`, "Integer"),
  toText: convert("Text", "text", (type) => type === "Integer" || type === "Text"),
  toTimestamp: convert("Timestamp", "timestamp", time, true),
  toDate: convert("Date", "date", time),

  days: timeTo(infix("-"), "Integer", types("Date", "Date"), true),
  elapsed: timeTo(infix("-"), "Interval", types("Timestamp", "Timestamp"), true),
  addDays: timeTo(([a, n]) => `(${a}) + (${n})::integer`, "Date", types("Date", "Integer"), false),
  subtractDays: timeTo(([a, n]) => `(${a}) - (${n})::integer`, "Date", types("Date", "Integer"), false),
  addInterval: timeTo(([a, i]) => `(${a})::timestamp + ${i}`, "Timestamp", shiftFits, false),
  subtractInterval: timeTo(([a, i]) => `(${a})::timestamp - ${i}`, "Timestamp", shiftFits, false),
  truncate: {
    result: ([unit, of]) => (of && isTime(of.type) && truncUnits.includes(literalOf(unit)) ? "Timestamp" : undefined),
    emit: ([, a], [unit]) => `date_trunc('${unitWord(unit)}', (${a})::timestamp)`,
    nulls: "Strict",
    measure: never,
  },
  extract: { result: extractType, emit: emitExtract, nulls: "Strict", measure: unshifted },

  equal: truth(infix("="), comparable),
  notEqual: truth(infix("<>"), comparable),
  less: truth(orderedInfix("<"), ordered),
  lessOrEqual: truth(orderedInfix("<="), ordered),
  greater: truth(orderedInfix(">"), ordered),
  greaterOrEqual: truth(orderedInfix(">="), ordered),
  distinct: truth(infix("IS DISTINCT FROM"), comparable),
  notDistinct: truth(infix("IS NOT DISTINCT FROM"), comparable),
  between: truth(([a, low, high], [x]) => `${collated(a ?? "", x)} BETWEEN (${low}) AND (${high})`, ordered, "Partial"),
  notBetween: truth(
    ([a, low, high], [x]) => `${collated(a ?? "", x)} NOT BETWEEN (${low}) AND (${high})`,
    ordered,
    "Partial",
  ),
  in: truth(([a, ...items]) => `(${a}) IN (${items.join(", ")})`, comparable),
  notIn: truth(([a, ...items]) => `(${a}) NOT IN (${items.join(", ")})`, comparable),
  like: textTo(infix("LIKE"), "Boolean", "Text"),
  notLike: textTo(infix("NOT LIKE"), "Boolean", "Text"),
  ilike: textTo(infix("ILIKE"), "Boolean", "Text"),
  notIlike: textTo(infix("NOT ILIKE"), "Boolean", "Text"),

  and: truth(infix("AND"), allBoolean, "Partial"),
  or: truth(infix("OR"), allBoolean, "Partial"),
  not: truth(([a]) => `NOT (${a})`, allBoolean),
  isNull: truth(suffix("IS NULL"), anything, "Partial"),
  isNotNull: truth(suffix("IS NOT NULL"), anything, "Partial"),
  isTrue: truth(suffix("IS TRUE"), allBoolean, "Partial"),
  isNotTrue: truth(suffix("IS NOT TRUE"), allBoolean, "Partial"),
  isFalse: truth(suffix("IS FALSE"), allBoolean, "Partial"),
  isNotFalse: truth(suffix("IS NOT FALSE"), allBoolean, "Partial"),

  lower: textTo(call("lower"), "Text"),
  upper: textTo(call("upper"), "Text"),
  length: textTo(([a]) => `length(${a})::bigint`, "Integer"),
  left: textTo(textCall("left"), "Text", "Integer"),
  substring: textTo(textCall("substring"), "Text", "Integer", "Integer"),

  case: { result: caseType, emit: emitCase, nulls: "Conditional", measure: isFilteringCase },
  nullif: {
    result: (args) => commonType(args) && args[0]?.type,
    emit: call("nullif"),
    nulls: "Conditional",
    measure: (args) => args[1]?.kind === "Literal",
  },
  coalesce: { result: commonType, emit: call("coalesce"), nulls: "Partial", measure: never },
} satisfies { readonly [name: string]: Operation };

export type OperationName = keyof typeof operations;

/** The table under its general type. */
export const operationOf = (name: OperationName): Operation => operations[name];
