import type pg from "pg";
import type { Head } from "../chain/head.ts";
import { type Place, readCursor, writeCursor } from "./cursor.ts";
import { readPosition } from "./position.ts";
import { toTime } from "./time.ts";

/** Thrown when a cursor was not given by this gateway. */
export class CursorInvalid extends Error {
  override readonly name = "CursorInvalid";
}

/** Thrown while the read model knows nothing of the chain. */
export class ReadModelEmpty extends Error {
  override readonly name = "ReadModelEmpty";
}

export type PageAsked = { readonly cursor?: string | undefined; readonly limit?: string | undefined };

/** Conditions of a query with their values; `$` in a condition stands for its value, wherever it is. */
export type Condition = { readonly sql: string; readonly value: unknown };

type Row = { readonly block: string; readonly log_index: number };

const usualLimit = 50;

/** Reads in one snapshot, so that the position and the rows belong together. */
export async function inSnapshot<T>(
  pool: pg.Pool,
  read: (client: pg.ClientBase, asOf: Head) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const position = await readPosition(client);
    if (position === undefined) throw new ReadModelEmpty("the read model is being made");
    const result = await read(client, position);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

export const writeAsOf = ({ number, hash, time }: Head) => ({ block: number, hash, time: toTime(time) });

/** Joins conditions with AND and numbers their values from `first` on. */
export function where(conditions: readonly (Condition | undefined)[], first = 1): { sql: string; values: unknown[] } {
  const given = conditions.filter((condition) => condition !== undefined);
  const sql = given.map((condition, at) => `(${condition.sql.replaceAll("$", `$${first + at}`)})`).join(" AND ");
  return { sql: sql === "" ? "true" : sql, values: given.map(({ value }) => value) };
}

/**
 * Reads one page by keyset: rows of `from` that come after the cursor's place in this order, which they must have as `block` and
 * `log_index` of `alias`.
 */
export async function readPage<T extends Row, Item>(
  client: pg.ClientBase,
  asOf: Head,
  asked: PageAsked,
  query: {
    readonly select: string;
    readonly alias: string;
    readonly order: "ASC" | "DESC";
    readonly conditions: readonly (Condition | undefined)[];
    /** Values that `select` uses, from `$1` on. */
    readonly values?: readonly unknown[];
    readonly toItem: (row: T) => Item;
  },
) {
  const limit = Number(asked.limit ?? usualLimit);
  const { alias, order, values = [] } = query;
  const after = placeCondition(alias, order, asked.cursor);
  const { sql, values: more } = where([...query.conditions, ...after], values.length + 1);
  const { rows } = await client.query<T>(
    `${query.select} WHERE ${sql} ORDER BY ${alias}.block ${order}, ${alias}.log_index ${order} LIMIT ${limit + 1}`,
    [...values, ...more],
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last !== undefined ? writeCursor(placeOf(last)) : null;
  return { asOf: writeAsOf(asOf), items: items.map(query.toItem), next };
}

const placeOf = ({ block, log_index }: Row): Place => ({ block: Number(block), logIndex: log_index });

function placeCondition(alias: string, order: "ASC" | "DESC", cursor: string | undefined): Condition[] {
  if (cursor === undefined) return [];
  const place = readCursor(cursor);
  if (place === undefined) throw new CursorInvalid("the cursor is none");
  const compare = order === "ASC" ? ">" : "<";
  const sql = `(${alias}.block, ${alias}.log_index) ${compare} (($::bigint[])[1], ($::bigint[])[2])`;
  return [{ sql, value: [place.block, place.logIndex] }];
}

/** A condition that a text stands in one of some columns, in any case; wildcards in it are letters. */
export function holdsText(columns: readonly string[], text: string | undefined): Condition | undefined {
  if (text === undefined) return undefined;
  const value = `%${text.replace(/[\\%_]/g, (letter) => `\\${letter}`)}%`;
  return { sql: columns.map((column) => `${column} ILIKE $`).join(" OR "), value };
}

export function equals(column: string, value: unknown): Condition | undefined {
  return value === undefined ? undefined : { sql: `${column} = $`, value };
}
