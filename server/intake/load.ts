import type { ClientBase } from "pg";
import type { Description, FieldType } from "../domain/dataset.ts";
import { copyRows } from "./copyRows.ts";
import { DatasetBusy, DatasetLoaded } from "./errors.ts";
import type { OnProgress } from "./inspect.ts";
import { baseSchema, quoteName } from "./names.ts";
import type { Proposal, ProposedTable } from "./propose.ts";
import { inTransaction } from "./transaction.ts";
import { replaceViews } from "./views.ts";

export type LoadOptions = {
  /** The dataset's name on chain. */
  readonly name: string;
  /** Replace the rows of a loaded dataset; otherwise it is refused. */
  readonly replace: boolean;
  /** The login that may read the governed views, see `ensureReader`. */
  readonly reader: string;
};

export type Loaded = {
  readonly description: Description;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
};

const columnTypes: Readonly<Record<FieldType, string>> = {
  Text: "text",
  Integer: "bigint",
  Decimal: "numeric",
  Boolean: "boolean",
  Date: "date",
  Timestamp: "timestamptz",
};

/**
 * Loads a prepared dataset and its governed views in one transaction: either all of it is there afterwards, or nothing has changed. Memory
 * does not grow with the files. `client` is an administrator's connection, outside a transaction; the reader's login must exist.
 */
export async function loadDataset(
  client: ClientBase,
  proposal: Proposal,
  options: LoadOptions,
  onProgress: OnProgress = () => undefined,
): Promise<Loaded> {
  return inTransaction(client, `load dataset ${options.name}`, async () => {
    await claim(client, options);
    const target = baseSchema(options.name);
    const schema = `${target.slice(0, 50)}__loading`;
    await client.query(`CREATE SCHEMA ${quoteName(schema)}`);
    const tables = await loadTables(client, schema, proposal.tables, onProgress);
    await addIndexes(client, schema, proposal);
    await client.query(`DROP SCHEMA IF EXISTS ${quoteName(target)} CASCADE`);
    await client.query(`ALTER SCHEMA ${quoteName(schema)} RENAME TO ${quoteName(target)}`);
    await client.query(`REVOKE ALL ON SCHEMA ${quoteName(target)} FROM PUBLIC`);
    await replaceViews(client, options.name, proposal.description, options.reader);
    return { description: proposal.description, tables };
  });
}

/** Keeps other imports of this dataset out until the transaction ends, and refuses to overwrite. */
async function claim(client: ClientBase, { name, replace }: LoadOptions): Promise<void> {
  const schema = baseSchema(name);
  const { rows } = await client.query<{ free: boolean; loaded: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free,
            EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS loaded`,
    [schema],
  );
  if (rows[0]?.free !== true) throw new DatasetBusy(name);
  if (rows[0].loaded && !replace) throw new DatasetLoaded(name, schema);
}

async function loadTables(
  client: ClientBase,
  schema: string,
  tables: readonly ProposedTable[],
  onProgress: OnProgress,
): Promise<{ table: string; rows: number }[]> {
  const totalBytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  let bytes = 0;
  const loaded: { table: string; rows: number }[] = [];
  for (const table of tables) {
    await client.query(createTable(schema, table));
    const rows = await copyRows(client, schema, table, (read, soFar) => {
      bytes += read;
      onProgress({ phase: "load", table: table.table, bytes, totalBytes, rows: soFar });
    });
    loaded.push({ table: table.table, rows });
  }
  return loaded;
}

function createTable(schema: string, { table, columns }: ProposedTable): string {
  const written = columns.map(({ name, fieldType }) => `${quoteName(name)} ${columnTypes[fieldType]}`);
  return `CREATE TABLE ${quoteName(schema, table)} (${written.join(", ")})`;
}

/** Indexes what is joined along, and counts what the planner needs. */
async function addIndexes(client: ClientBase, schema: string, { tables, joins }: Proposal): Promise<void> {
  for (const { table, patientKey } of tables) {
    const joined = joins.flatMap(({ left, right }) => [left, right]).filter((end) => end.table === table);
    const columns = new Set([patientKey.column, ...joined.map(({ column }) => column)]);
    for (const column of columns)
      if (column !== "") await client.query(`CREATE INDEX ON ${quoteName(schema, table)} (${quoteName(column)})`);
    await client.query(`ANALYZE ${quoteName(schema, table)}`);
  }
}
