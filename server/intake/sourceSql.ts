import type { ClientBase } from "pg";
import { governedSchema, quoteName } from "./names.ts";
import type { SourceTable } from "./prepareSource.ts";
import type { Proposal } from "./propose.ts";
import { limits, scramVerifier } from "./reader.ts";
import { ViewsMissing } from "./sourceErrors.ts";
import { inTransaction } from "./transaction.ts";

export type SourceReader = { readonly role: string; readonly password: string; readonly statementTimeoutMs: number };

/**
 * The SQL that puts existing tables under contract, in order, to be run as one transaction: a login that owns nothing, and views that
 * show it all but the Direct fields. It changes nothing else in the database, whose other users go on as before.
 */
export function sourceSql(name: string, { tables }: Proposal<SourceTable>, reader: SourceReader): string[] {
  const [role, schema] = [quoteName(reader.role), quoteName(governedSchema(name))];
  return [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteText(reader.role)}) THEN CREATE ROLE ${role}; END IF; END $$`,
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD ${quoteText(scramVerifier(reader.password))}`,
    `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    `ALTER ROLE ${role} SET statement_timeout = ${Math.trunc(reader.statementTimeoutMs)}`,
    ...limits.map((limit) => `ALTER ROLE ${role} SET ${limit}`),
    `DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), ${quoteText(reader.role)}); END $$`,
    `DROP SCHEMA IF EXISTS ${schema} CASCADE`,
    `CREATE SCHEMA ${schema}`,
    `REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC`,
    ...tables.map((table) => createView(name, table)),
    `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
  ];
}

/** Shows all but Direct fields; the patient key always, since results are counted by it. Each in the type that is registered. */
function createView(
  name: string,
  { table, relation, patientKey, columns }: Proposal<SourceTable>["tables"][number],
): string {
  const shown = columns
    .filter((column) => column.level !== "Direct" || column.name === patientKey.column)
    .map((column) => {
      const { value, fieldType } = relation.columns.find((known) => known.name === column.name) ?? {};
      // patient keys that differ in type are compared as text
      const cast = column.fieldType === fieldType ? value : `(${value})::text`;
      return `  ${cast} AS ${quoteName(column.name)}`;
    });
  return `CREATE VIEW ${quoteName(governedSchema(name), table)} WITH (security_barrier) AS SELECT
${shown.join(",\n")}
  FROM ${quoteName(relation.schema, relation.name)}`;
}

/** The same as a script that a database administrator runs. */
export function toScript(statements: readonly string[]): string {
  return `BEGIN;\n${statements.map((statement) => `${statement};\n`).join("")}COMMIT;\n`;
}

/** What is shown of the SQL on a terminal: without the password's verifier. */
export function toShown(statements: readonly string[]): string {
  return toScript(statements).replace(/SCRAM-SHA-256\$[^']*/g, "SCRAM-SHA-256$…");
}

/** Runs the SQL: all of it, or nothing of it. */
export async function runSourceSql(client: ClientBase, name: string, statements: readonly string[]): Promise<void> {
  await inTransaction(client, `put ${name} under contract`, async () => {
    for (const statement of statements) await client.query(statement);
  });
}

/** Throws `ViewsMissing` unless the reader may read every governed view. */
export async function requireViews(
  client: ClientBase,
  name: string,
  { tables }: Proposal<SourceTable>,
  reader: string,
): Promise<void> {
  const views = tables.map(({ table }) => quoteName(governedSchema(name), table));
  const { rows } = await client.query<{ view: string; readable: boolean | null }>(
    `SELECT view, CASE WHEN to_regclass(view) IS NOT NULL AND EXISTS (SELECT FROM pg_roles WHERE rolname = $2)
       THEN has_table_privilege($2::name, to_regclass(view), 'SELECT')
         AND has_schema_privilege($2::name, $3::name::text, 'USAGE') END AS readable
     FROM unnest($1::text[]) AS view`,
    [views, reader, governedSchema(name)],
  );
  const missing = rows.filter(({ readable }) => readable !== true).map(({ view }) => view);
  if (missing.length > 0) throw new ViewsMissing(missing, reader);
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
