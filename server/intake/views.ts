import type { ClientBase } from "pg";
import type { Description, Table } from "../domain/dataset.ts";
import { DatasetNotLoaded } from "./errors.ts";
import { baseSchema, governedSchema, quoteName } from "./names.ts";
import { inTransaction } from "./transaction.ts";

/**
 * Makes the governed views of a loaded dataset anew, in one transaction, as its description now has the levels. Throws `DatasetNotLoaded`
 * if its tables are not in this database.
 */
export async function renewViews(
  client: ClientBase,
  name: string,
  description: Description,
  reader: string,
): Promise<void> {
  await inTransaction(client, `renew the views of dataset ${name}`, async () => {
    const schema = baseSchema(name);
    const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rowCount === 0) throw new DatasetNotLoaded(name, schema);
    await replaceViews(client, name, description, reader);
  });
}

/** Does the same inside the caller's transaction. */
export async function replaceViews(
  client: ClientBase,
  name: string,
  description: Description,
  reader: string,
): Promise<void> {
  const schema = governedSchema(name);
  await client.query(`DROP SCHEMA IF EXISTS ${quoteName(schema)} CASCADE`);
  await client.query(`CREATE SCHEMA ${quoteName(schema)}`);
  await client.query(`REVOKE ALL ON SCHEMA ${quoteName(schema)} FROM PUBLIC`);
  for (const table of description.tables) await client.query(createView(schema, baseSchema(name), table));
  await client.query(`GRANT USAGE ON SCHEMA ${quoteName(schema)} TO ${quoteName(reader)}`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${quoteName(schema)} TO ${quoteName(reader)}`);
}

/** Shows all but Direct fields; the patient key always, since results are counted by it. */
function createView(schema: string, base: string, { name, patientKey, fields }: Table): string {
  const shown = fields.filter((field) => field.level !== "Direct" || field.name === patientKey);
  const columns = shown.map((field) => quoteName(field.name)).join(", ");
  return `CREATE VIEW ${quoteName(schema, name)} WITH (security_barrier) AS SELECT ${columns} FROM ${quoteName(base, name)}`;
}
