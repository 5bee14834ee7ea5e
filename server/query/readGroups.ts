import { call } from "./build.ts";
import type { Expression, Interner } from "./expression.ts";
import { readExpression, type Scope } from "./readExpression.ts";
import { refuse } from "./refused.ts";
import type { Sources } from "./sources.ts";
import { asTree, at, list, node, strings, type Tree } from "./syntax.ts";

export type Target = { readonly name: string; readonly value: unknown; readonly alias: boolean };

/** Reads GROUP BY: expressions, numbers of output columns, names of fields or (where no field has it) of outputs. */
export function readKeys(scope: Scope, sources: Sources, targets: readonly Target[], clause: unknown): Expression[] {
  const keys = list(clause).map((item) => readExpression(scope, resolve(sources, targets, item)));
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

function resolve(sources: Sources, targets: readonly Target[], item: unknown): unknown {
  const { kind, body } = node(item);
  if (kind === "GroupingSet")
    return refuse(
      "GROUPING SETS, ROLLUP or CUBE",
      "Totals would give suppressed groups back; group plainly.",
      at(body),
    );
  if (kind === "A_Const") return targetByNumber(targets, body).value;
  const [name, ...qualified] = kind === "ColumnRef" ? strings(body.fields) : [];
  if (name === undefined || qualified.length > 0 || sources.has(name)) return item;
  return targets.find((target) => target.alias && target.name === name)?.value ?? item;
}

export function targetByNumber<T>(targets: readonly T[], body: Tree): T {
  const number = asTree(body.ival).ival;
  const target = typeof number === "number" ? targets[number - 1] : undefined;
  return target ?? refuse("This constant", `Name an output column by its number, 1 to ${targets.length}.`, at(body));
}

/** Rewrites an expression over group keys and cells. Throws StatementRefused for a field outside both. */
export function overGroups(intern: Interner, keys: readonly Expression[], expression: Expression): Expression {
  const key = keys.findIndex(({ id }) => id === expression.id);
  if (key >= 0) return intern({ kind: "Key", key, type: expression.type, traits: expression.traits });
  if (expression.kind === "Column")
    return refuse(
      `${expression.origin?.name ?? "A field"} outside an aggregate`,
      "Put it into GROUP BY, or aggregate it.",
      null,
    );
  if (expression.kind !== "Call") return expression;
  const args = expression.args.map((arg) => overGroups(intern, keys, arg));
  return call(intern, expression.operation, args, expression.operation);
}
