import { loadModule, parseSync, SqlError } from "libpg-query";
import { refuse, StatementRefused } from "./refused.ts";

/** A node of PostgreSQL's parse tree: its kind (`A_Expr`) and its attributes. */
export type Node = { readonly kind: string; readonly body: Tree };
export type Tree = { readonly [attribute: string]: unknown };

export const maxStatementBytes = 8192;
const maxBrackets = 60;
const maxOperators = 600;
const maxDepth = 200;

/**
 * Parses one SELECT with PostgreSQL's own parser and hands its tree to `read`.
 * Throws StatementRefused (positions in characters of `sql`), before parsing if the text is too long, too deep or not text.
 */
export async function parseSelect<T>(sql: string, read: (select: Tree) => T): Promise<T> {
  await loadModule();
  try {
    refuseUnfitText(sql);
    return read(soleSelect(parseGuarded(sql)));
  } catch (error) {
    throw error instanceof StatementRefused ? atCharacter(error, sql) : error;
  }
}

function refuseUnfitText(sql: string): void {
  if (typeof sql !== "string" || !sql.isWellFormed())
    refuse("Text that is not Unicode", "Send the statement as UTF-8.");
  if (sql.includes("\0")) refuse("A NUL character", "Remove it.");
  if (Buffer.byteLength(sql) > maxStatementBytes)
    refuse("A statement this long", `At most ${maxStatementBytes} bytes are read.`);
  let depth = 0;
  for (const character of sql) {
    if (character === "(" || character === "[") depth += 1;
    if (character === ")" || character === "]") depth -= 1;
    if (depth > maxBrackets) refuse("Nesting this deep", `At most ${maxBrackets} open brackets.`);
  }
  const operators = sql.match(/[-+*/%:|<>=~!@#^&?`]+|\b(?:not|is|case|collate|at)\b/gi)?.length ?? 0;
  if (operators > maxOperators) refuse("This many operators", `At most ${maxOperators}.`);
}

function parseGuarded(sql: string): unknown {
  if (sql === "") refuse("An empty statement", "Send exactly one statement, a SELECT.");
  try {
    return parseSync(sql);
  } catch (error) {
    if (error instanceof SqlError)
      return refuse(
        `SQL that PostgreSQL cannot parse (${error.message})`,
        "Correct it.",
        error.sqlDetails?.cursorPosition,
      );
    return refuse("A statement that PostgreSQL's parser cannot hold", "Make it simpler.");
  }
}

function soleSelect(parsed: unknown): Tree {
  const statements = list(asTree(parsed).stmts);
  if (statements.length !== 1) refuse("Anything but one statement", "Send exactly one SELECT.");
  refuseDepth(statements[0]);
  const statement = node(asTree(statements[0]).stmt);
  if (statement.kind !== "SelectStmt") refuse(`A ${statement.kind}`, "Send one SELECT; nothing else is run.");
  return statement.body;
}

function refuseDepth(root: unknown): void {
  const waiting: [unknown, number][] = [[root, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    if (depth > maxDepth * 4) refuse("Nesting this deep", `At most about ${maxDepth} levels.`);
    if (typeof value === "object" && value !== null)
      for (const child of Object.values(value)) waiting.push([child, depth + 1]);
  }
}

function atCharacter(error: StatementRefused, sql: string): StatementRefused {
  const { position } = error.facts;
  if (position === null || position < 0) return new StatementRefused({ ...error.facts, position: null });
  return new StatementRefused({
    ...error.facts,
    position: Buffer.from(sql).subarray(0, position).toString().length + 1,
  });
}

/** Opens a node `{ Kind: { ... } }`. */
export function node(value: unknown): Node {
  const [entry, ...others] = Object.entries(asTree(value));
  if (entry === undefined || others.length > 0) return refuse("An unknown construct", "See the accepted grammar.");
  return { kind: entry[0], body: asTree(entry[1]) };
}

export function asTree(value: unknown): Tree {
  return typeof value === "object" && value !== null ? (value as Tree) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Byte offset of a node; the parser leaves 0 out. */
export function at(body: Tree): number {
  return typeof body.location === "number" ? body.location : 0;
}

/** Reads a list of String nodes, such as the parts of a name. */
export function strings(value: unknown): string[] {
  return list(value).map((item) => {
    const { kind, body } = node(item);
    return kind === "String" && typeof body.sval === "string"
      ? body.sval
      : refuse(`A ${kind} in a name`, "Write a plain name.");
  });
}

/** Refuses a node that has an attribute outside `accepted`, so that new syntax is refused until it is accepted here. */
export function acceptOnly(part: string, body: Tree, accepted: readonly string[], hint: string): void {
  const unknown = Object.keys(body).find((attribute) => attribute !== "location" && !accepted.includes(attribute));
  if (unknown !== undefined) refuse(`${part} with ${unknown}`, hint, at(body));
}
