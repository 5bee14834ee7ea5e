import type { ClientBase } from "pg";
import type { FieldType } from "../domain/dataset.ts";
import { nameProblem } from "./header.ts";
import { plainTableName } from "./plainTableName.ts";
import type { JoinProposal } from "./joins.ts";
import { quoteName } from "./names.ts";
import { RelationUnfit, RelationUnknown } from "./sourceErrors.ts";

/** A column of an existing table or view. `type` is PostgreSQL's name of it; `value` is SQL that gives it in our type. */
export type RelationColumn = {
  readonly name: string;
  readonly type: string;
  readonly fieldType: FieldType;
  readonly value: string;
  readonly zoneless: boolean;
};

/** An existing table or view: ordinary, partitioned, foreign or materialized. `table` is its name in the dataset. */
export type Relation = {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly columns: readonly RelationColumn[];
  /** Columns that are left out. */
  readonly dropped: readonly string[];
};

/** Finite values only: in our types there is no infinity, and no value that is not a number. */
const finite = (column: string): string => `CASE WHEN isfinite(${column}) THEN ${column} END`;
const number = (column: string): string =>
  `CASE WHEN ${column}::text NOT IN ('NaN', 'Infinity', '-Infinity') THEN ${column}::numeric END`;

type Reading = { readonly fieldType: FieldType; readonly value: (column: string) => string };

const text: Reading = { fieldType: "Text", value: (column) => `${column}::text` };
const integer: Reading = { fieldType: "Integer", value: (column) => `${column}::bigint` };
const decimal: Reading = { fieldType: "Decimal", value: number };

/** How each type of PostgreSQL is read, by the name of its base type. Enumerations are text. */
const readings: Readonly<Record<string, Reading>> = {
  text,
  varchar: text,
  bpchar: text,
  name: text,
  uuid: text,
  citext: text,
  int2: integer,
  int4: integer,
  int8: integer,
  numeric: decimal,
  float4: decimal,
  float8: decimal,
  bool: { fieldType: "Boolean", value: (column) => column },
  date: { fieldType: "Date", value: finite },
  timestamptz: { fieldType: "Timestamp", value: finite },
  timestamp: { fieldType: "Timestamp", value: (column) => `${finite(column)} AT TIME ZONE 'UTC'` },
};

/** Reads `schema.table`, parts in double quotes to the letter. Without a schema it is `public`. */
export function parseRelationName(given: string): { schema: string; name: string } | undefined {
  const part = '"((?:[^"]|"")+)"|([^".\\s][^".]*)';
  const [, quoted, plain, quotedNext, plainNext] =
    new RegExp(`^(?:${part})(?:\\.(?:${part}))?$`, "u").exec(given) ?? [];
  const first = quoted?.replaceAll('""', '"') ?? plain;
  const second = quotedNext?.replaceAll('""', '"') ?? plainNext;
  if (first === undefined) return undefined;
  return second === undefined ? { schema: "public", name: first } : { schema: first, name: second };
}

/** Looks a table or view up in the catalog. Throws `RelationUnknown`, or `RelationUnfit` with all that stands in the way. */
export async function findRelation(
  client: ClientBase,
  given: string,
  isDropped: (table: string, column: string) => boolean,
): Promise<Relation> {
  const asked = parseRelationName(given);
  const { rows } = await client.query<{ oid: string; schema: string; name: string }>(
    `SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$|governed_|data_)'
       AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
     ORDER BY n.nspname, c.relname`,
  );
  const found = rows.find(({ schema, name }) => schema === asked?.schema && name === asked.name);
  if (found === undefined)
    throw new RelationUnknown(
      given,
      rows.slice(0, 40).map(({ schema, name }) => writeName(schema, name)),
    );
  const table = plainTableName(found.name);
  const columns = await readColumns(client, found.oid, (column) => isDropped(table, column));
  const relation = {
    ...found,
    table,
    columns: columns.flatMap(({ column }) => column ?? []),
    dropped: columns.flatMap(({ dropped }) => dropped ?? []),
  };
  const problems = columns.flatMap(({ problem }) => problem ?? []);
  if (table === "" || Buffer.byteLength(table) > 63)
    problems.push("Its name gives no name of 1 to 63 bytes: make a view of it.");
  if (relation.columns.length === 0) problems.push("It has no column that is not left out.");
  if (problems.length > 0) throw new RelationUnfit(writeName(found.schema, found.name), problems);
  return relation;
}

type Found = { readonly column?: RelationColumn; readonly problem?: string; readonly dropped?: string };

async function readColumns(client: ClientBase, oid: string, isDropped: (column: string) => boolean): Promise<Found[]> {
  const { rows } = await client.query<{ name: string; type: string; base: string; kind: string }>(
    `WITH RECURSIVE typed AS (
       SELECT a.attnum, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, t.oid, t.typname, t.typtype, t.typbasetype
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT d.attnum, d.name, d.type, t.oid, t.typname, t.typtype, t.typbasetype
       FROM typed d JOIN pg_type t ON t.oid = d.typbasetype WHERE d.typtype = 'd')
     SELECT name, type, typname AS base, typtype::text AS kind FROM typed WHERE typtype <> 'd' ORDER BY attnum`,
    [oid],
  );
  const seen = new Map<string, string>();
  return rows.map(({ name, type, base, kind }, index) => {
    if (isDropped(name)) return { dropped: name };
    const reading = kind === "e" ? text : readings[base];
    const twin = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    const odd =
      nameProblem(name, index + 1) ?? (name.includes(".") ? `column "${name}" has a dot in its name.` : undefined);
    if (odd !== undefined)
      return { problem: `${odd} Leave it out with --drop, or make a view that calls it otherwise.` };
    if (twin !== undefined)
      return { problem: `"${twin}" and "${name}" differ in case only. Leave one out with --drop.` };
    if (reading === undefined)
      return {
        problem: `"${name}" is ${type}. Leave it out with --drop, or make a view that casts it to text or a number.`,
      };
    const value = reading.value(quoteName(name));
    return { column: { name, type, fieldType: reading.fieldType, value, zoneless: base === "timestamp" } };
  });
}

/** Joins that foreign keys of one column declare between these relations. */
export async function findForeignKeys(client: ClientBase, relations: readonly Relation[]): Promise<JoinProposal[]> {
  const { rows } = await client.query<{ from: string; column: string; to: string; target: string }>(
    `SELECT k.conrelid::text AS "from", a.attname AS column, k.confrelid::text AS "to", b.attname AS target
     FROM (SELECT conrelid, confrelid, conkey, confkey FROM pg_constraint
           WHERE contype = 'f' AND array_length(conkey, 1) = 1 AND conrelid = ANY($1::oid[]) AND confrelid = ANY($1::oid[])
             AND conrelid <> confrelid) k
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] ORDER BY 1, 2`,
    [relations.map(({ oid }) => oid)],
  );
  const end = (oid: string, column: string) => {
    const relation = relations.find((known) => known.oid === oid);
    const isKept = relation?.columns.some(({ name }) => name === column);
    return relation !== undefined && isKept === true ? { table: relation.table, column } : undefined;
  };
  return rows.flatMap(({ from, column, to, target }) => {
    const [left, right] = [end(from, column), end(to, target)];
    return left === undefined || right === undefined ? [] : [{ left, right, reason: "a foreign key" }];
  });
}

export function writeName(schema: string, name: string): string {
  const part = (text: string): string => (/^[a-z_][a-z0-9_]*$/.test(text) ? text : quoteName(text));
  return `${part(schema)}.${part(name)}`;
}
