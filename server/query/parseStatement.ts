import type { Description } from "../domain/dataset.ts";
import { createEnvironment } from "./environment.ts";
import type { Plan } from "./plan.ts";
import { readStatement } from "./readSelect.ts";
import { parseSelect } from "./syntax.ts";

/**
 * Reads a consumer's SQL into a plan over the tables of `description`, with PostgreSQL's own parser.
 * Throws StatementRefused, naming the offending part and what is accepted, for everything outside the grammar.
 */
export async function parseStatement(sql: string, description: Description): Promise<Plan> {
  return parseSelect(sql, (body) => {
    const environment = createEnvironment(description);
    const select = readStatement(environment, body);
    return { description, select, fields: environment.mentioned() };
  });
}
