import type { Target } from "./readGroups.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, list, node, strings } from "./syntax.ts";

const maxOutputs = 100;

/** Reads the SELECT list without its expressions: each with the name that PostgreSQL would give it. */
export function readTargets(clause: unknown): Target[] {
  const items = list(clause);
  if (items.length === 0 || items.length > maxOutputs) refuse("This SELECT list", `Name 1 to ${maxOutputs} columns.`);
  return items.map((item) => {
    const target = asTree(asTree(item).ResTarget);
    acceptOnly("An output column", target, ["name", "val"], "Write expression AS name.");
    const alias = typeof target.name === "string";
    return { name: alias ? String(target.name) : nameOf(target.val), value: target.val, alias };
  });
}

const naming: { readonly [kind: string]: (body: ReturnType<typeof asTree>) => string | undefined } = {
  ColumnRef: ({ fields }) => (node(list(fields).at(-1)).kind === "String" ? strings(fields).at(-1) : undefined),
  FuncCall: ({ funcname }) => strings(funcname).at(-1),
  CoalesceExpr: () => "coalesce",
  CaseExpr: () => "case",
  TypeCast: (body) => nameOf(body.arg) || strings(asTree(body.typeName).names).at(-1),
  A_Expr: ({ kind }) => (kind === "AEXPR_NULLIF" ? "nullif" : undefined),
};

function nameOf(value: unknown): string {
  const { kind, body } = node(value);
  const name = Object.hasOwn(naming, kind) ? naming[kind]?.(body) : undefined;
  return name ?? (at(body) < 0 ? "" : "?column?");
}
