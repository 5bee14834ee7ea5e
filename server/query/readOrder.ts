import type { Expression } from "./expression.ts";
import type { Order, Output } from "./plan.ts";
import { readExpression, type Scope } from "./readExpression.ts";
import { type Target, targetByNumber } from "./readGroups.ts";
import { refuse } from "./refused.ts";
import { acceptOnly, asTree, at, list, node, strings, type Tree } from "./syntax.ts";

type OrderContext = {
  readonly scope: Scope;
  readonly place: (expression: Expression) => Expression;
  readonly outputs: readonly Output[];
  readonly targets: readonly Target[];
};

/** Reads ORDER BY, which names output columns: by number, by name, or by writing the same expression. */
export function readOrder(context: OrderContext, clause: unknown): Order[] {
  return list(clause).map((item) => {
    const sort = asTree(asTree(item).SortBy);
    acceptOnly(
      "ORDER BY",
      sort,
      ["node", "sortby_dir", "sortby_nulls"],
      "Write ORDER BY column [ASC | DESC] [NULLS FIRST | LAST].",
    );
    const output = outputOf(context, sort.node);
    if (context.outputs[output]?.expression.traits.linking !== "No")
      refuse(
        "Ordering by a patient or record number",
        "Its order would tell numbers apart; order by something else.",
        at(node(sort.node).body),
      );
    const descending = sort.sortby_dir === "SORTBY_DESC";
    const nullsFirst =
      sort.sortby_nulls === "SORTBY_NULLS_FIRST" || (sort.sortby_nulls === "SORTBY_NULLS_DEFAULT" && descending);
    return { output, descending, nullsFirst };
  });
}

function outputOf({ scope, place, outputs, targets }: OrderContext, value: unknown): number {
  const { kind, body } = node(value);
  if (kind === "A_Const") return targets.indexOf(targetByNumber(targets, body));
  const [name, ...qualified] = kind === "ColumnRef" ? strings(body.fields) : [];
  const named = qualified.length > 0 ? -1 : targets.findIndex((target) => target.name === name);
  if (named >= 0) return named;
  const wanted = place(readExpression(scope, value));
  const found = outputs.findIndex(({ expression }) => expression.id === wanted.id);
  return found >= 0
    ? found
    : refuse("Ordering by something that is not an output column", "Put it into the SELECT list.", at(body));
}

/** Reads LIMIT or OFFSET; null without. */
export function readCount(value: unknown, least: number, option: unknown): number | null {
  if (value === undefined || asTree(asTree(value).A_Const).isnull === true) return null;
  const constant: Tree = asTree(asTree(asTree(value).A_Const).ival);
  const count = asTree(value).A_Const === undefined ? Number.NaN : Number(constant.ival ?? 0);
  if (!Number.isInteger(count) || count < least || option === "LIMIT_OPTION_WITH_TIES")
    return refuse("This LIMIT or OFFSET", `Write a whole number from ${least}.`);
  return count;
}
