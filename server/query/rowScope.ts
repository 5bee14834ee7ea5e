import type { Description, Table } from "../domain/dataset.ts";
import { createEnvironment, findByName } from "./environment.ts";
import { createInterner, type Expression } from "./expression.ts";
import { readCondition, type Scope } from "./readExpression.ts";
import { conjuncts } from "./readFrom.ts";
import { refuse, StatementRefused } from "./refused.ts";
import { createSources } from "./sources.ts";
import { acceptOnly, at, parseSelect } from "./syntax.ts";

/**
 * The rows that an agreement covers. A table with conditions yields only rows that meet all of them; every other table with a patient key
 * yields only rows of patients who have such a row.
 */
export type RowScope = { readonly conditions: ReadonlyMap<string, readonly Expression[]> };

export const everyRow: RowScope = { conditions: new Map() };

const prefix = "SELECT 1 WHERE ";
const hint =
  "Write conditions such as patients.sex = 'F' AND visits.day >= '2024-01-01', each AND part over one table.";

/**
 * Reads the `rows` term of an agreement: '' for all rows, else conditions in the grammar of WHERE with fields as `table.field`.
 * Throws StatementRefused; positions count in `predicate`.
 */
export async function parseRowScope(predicate: string, description: Description): Promise<RowScope> {
  if (predicate === "") return everyRow;
  try {
    return await parseSelect(prefix + predicate, (body) => {
      acceptOnly("A row scope", body, ["targetList", "whereClause", "limitOption", "op"], hint);
      if (body.whereClause === undefined || body.op !== "SETOP_NONE") refuse("A row scope without a condition", hint);
      return readScope(body.whereClause, description);
    });
  } catch (error) {
    throw error instanceof StatementRefused ? withoutPrefix(error) : error;
  }
}

function withoutPrefix({ facts }: StatementRefused): StatementRefused {
  return new StatementRefused({
    ...facts,
    position: facts.position === null ? null : Math.max(1, facts.position - prefix.length),
  });
}

function readScope(condition: unknown, description: Description): RowScope {
  const intern = createInterner();
  const environment = createEnvironment(description);
  const sources = createSources(environment, intern);
  const known: Table[] = [];
  const column = (names: readonly string[], position: number): Expression => {
    const [name = "", field = "", ...more] = names;
    if (field === "" || more.length > 0) return refuse(`The name ${names.join(".")}`, "Write table.field.", position);
    const table = findByName(description.tables, (candidate) => candidate.name, name)[0];
    if (table !== undefined && !known.includes(table)) {
      environment.countSource(position);
      known[sources.addTable(table, table.name, position)] = table;
    }
    return sources.column([table?.name ?? name, field], position);
  };
  const scope: Scope = { intern, column, aggregate: (name, body) => refuse(`The aggregate ${name}`, hint, at(body)) };
  const conditions = new Map<string, Expression[]>();
  for (const part of conjuncts(condition)) {
    const read = readCondition(scope, part, "A row scope");
    const table = known.find((_, index) => read.traits.sources === 1 << index);
    if (table === undefined) return refuse("A condition over no table or several", hint);
    conditions.set(table.name, [...(conditions.get(table.name) ?? []), read]);
  }
  return { conditions };
}
