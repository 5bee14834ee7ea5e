import { type Node, parse, readSource } from "./compile.ts";

/** One place of a file with another text in it; places count bytes. */
export type Mutant = {
  readonly file: string;
  readonly line: number;
  readonly at: number;
  readonly from: string;
  readonly to: string;
};

type Change = { readonly node: Node; readonly to: string };
/** What a node of the syntax tree may become; `text` gives the source of a node. */
type Operator = (node: Node, text: (node: Node) => string) => readonly Change[];

const swaps: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["/"],
  "|": ["&"],
  "&": ["|"],
  "^": ["|"],
  "<<": [">>"],
  ">>": ["<<"],
  "&&": ["||"],
  "||": ["&&"],
  "|=": ["=", "&="],
  "+=": ["-=", "="],
  "<<=": [">>="],
  ">>=": ["<<="],
};

const yulSwaps: Readonly<Record<string, string>> = {
  add: "sub",
  sub: "add",
  shl: "shr",
  shr: "shl",
  lt: "gt",
  gt: "lt",
  and: "or",
};

const forced: Operator = ({ condition }, text) =>
  ["true", "false"].filter((to) => text(condition as Node) !== to).map((to) => ({ node: condition as Node, to }));
const dropped: Operator = (node) => [{ node, to: "" }];

function withOperator(node: Node, left: Node, right: Node, text: (node: Node) => string): readonly Change[] {
  const operator = node.operator as string;
  return (swaps[operator] ?? []).map((swap) => ({ node, to: `${text(left)} ${swap} ${text(right)}` }));
}

const operators: Readonly<Record<string, Operator>> = {
  IfStatement: forced,
  Conditional: forced,
  WhileStatement: ({ condition }) => [{ node: condition as Node, to: "false" }],
  ForStatement: ({ condition }) => [{ node: condition as Node, to: "false" }],
  BinaryOperation: (node, text) => {
    const [left, right] = [node.leftExpression as Node, node.rightExpression as Node];
    const isLogical = node.operator === "&&" || node.operator === "||";
    const sides = isLogical ? [left, right].map((side) => ({ node, to: text(side) })) : [];
    return [...withOperator(node, left, right, text), ...sides];
  },
  Assignment: (node, text) => withOperator(node, node.leftHandSide as Node, node.rightHandSide as Node, text),
  UnaryOperation: (node, text) => {
    const operand = text(node.subExpression as Node);
    if (node.operator === "!" || node.operator === "~") return [{ node, to: operand }];
    return [{ node, to: `${node.operator === "++" ? "--" : "++"}${operand}` }];
  },
  Literal: (node, text) => {
    if (node.kind === "bool") return [{ node, to: text(node) === "true" ? "false" : "true" }];
    if (node.kind === "number") return [{ node, to: nextNumber(text(node)) }];
    return node.kind === "string" && text(node) !== '""' ? [{ node, to: '""' }] : [];
  },
  MemberAccess: (node, text) => {
    // A member of an enumeration becomes the one before or after it.
    const { typeString } = node.typeDescriptions as { readonly typeString: string };
    const names = enumerations[typeString.replace(/^enum /, "")];
    if (names === undefined || !typeString.startsWith("enum ") || !/^[A-Z]/.test(text(node))) return [];
    const place = names.indexOf(node.memberName as string);
    const other = names[place === 0 ? 1 : place - 1];
    return place < 0 || other === undefined ? [] : [{ node, to: `${text(node.expression as Node)}.${other}` }];
  },
  ModifierInvocation: (node) => (node.kind === "modifierInvocation" ? [{ node, to: "" }] : []),
  ExpressionStatement: dropped,
  EmitStatement: dropped,
  YulFunctionCall: (node, text) => {
    const { name } = node.functionName as { readonly name: string };
    const [first] = node.arguments as readonly Node[];
    if (name === "iszero" && first !== undefined) return [{ node, to: `iszero(${text(node)})` }];
    const swap = yulSwaps[name];
    return swap === undefined ? [] : [{ node: node.functionName as Node, to: swap }];
  },
  YulLiteral: (node, text) => [{ node, to: nextNumber(text(node)) }],
  YulExpressionStatement: dropped,
  YulAssignment: dropped,
};

const enumerations: Readonly<Record<string, readonly string[]>> = {
  Role: ["Hospital", "Consumer", "Regulator", "Gateway"],
  Disclosure: ["Aggregate", "Deidentified", "Identified"],
  Assurance: ["Receipt", "Anchored"],
  "IAccessLog.Fault": ["Late", "Replaced", "Equivocation"],
  "IAgreementRegistry.Capacity": ["Assigner", "Assignee", "Regulator"],
  "IAgreementRegistry.Status": ["Unknown", "Offered", "Scheduled", "InForce", "Suspended", "Expired", "Terminated"],
  "IDatasetRegistry.FieldLevel": ["Neutral", "Quasi", "Sensitive", "Linking", "Direct"],
};

/** The number after this one, in its notation and unit. */
function nextNumber(text: string): string {
  const [number = "", unit = ""] = text.replaceAll("_", "").split(" ");
  const next = BigInt(number) + 1n;
  if (number.startsWith("0x")) return `0x${next.toString(16).padStart(number.length - 2, "0")}`;
  return `${next} ${unit}`.trim();
}

/** Lists every mutant of a file, in the order of its text. */
export function listMutants(file: string): Mutant[] {
  const source = Buffer.from(readSource(file));
  const span = (node: Node): readonly [number, number] => {
    const [start = 0, length = 0] = (node.src ?? "").split(":").map(Number);
    return [start, start + length];
  };
  const text = (node: Node): string => source.subarray(...span(node)).toString();
  const found = new Map<string, Mutant>();
  const visit = (node: Node): void => {
    for (const { node: place, to } of operators[node.nodeType ?? ""]?.(node, text) ?? []) {
      const [at] = span(place);
      const from = text(place);
      const line = source.subarray(0, at).toString().split("\n").length;
      if (from !== to) found.set(`${at} ${from} ${to}`, { file, line, at, from, to });
    }
    for (const [name, value] of Object.entries(node)) {
      if (name === "condition" && value === null) continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child === "object" && child !== null && ("nodeType" in child || name === "AST"))
          visit(child as Node);
      }
    }
  };
  visit(parse(file, source.toString()));
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** Returns the file's text with this mutant in it. */
export function applyMutant({ file, at, from, to }: Mutant): string {
  const source = Buffer.from(readSource(file));
  const end = at + Buffer.byteLength(from);
  // What is dropped leaves its semicolon: an empty statement is none.
  const rest = source.subarray(end).toString();
  return source.subarray(0, at).toString() + to + (to === "" ? rest.replace(/^\s*;/, "") : rest);
}
