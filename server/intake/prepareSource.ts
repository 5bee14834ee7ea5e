import type { ClientBase } from "pg";
import { maxFields } from "../domain/dataset.ts";
import { findColumns } from "./columns.ts";
import type { Profiled } from "./inspect.ts";
import { quoteName } from "./names.ts";
import { FieldsTooMany } from "./optionErrors.ts";
import { createGatherer, gather, summarize } from "./profile.ts";
import { type Proposal, type ProposalOptions, proposeDataset } from "./propose.ts";
import { findForeignKeys, findRelation, type Relation, writeName } from "./relation.ts";
import { RelationUnfit } from "./sourceErrors.ts";
import { inTransaction } from "./transaction.ts";

export type SourceOptions = Omit<ProposalOptions, "joins"> & {
  /** Tables and views, as `schema.table`. */
  readonly relations: readonly string[];
  /** Columns to leave out: `table.COLUMN`, or `COLUMN` of every table. */
  readonly drop: readonly string[];
  /** How many rows of each table are looked at. */
  readonly sample: number;
};

/** A table of the proposal that stands in the database already. */
export type SourceTable = Profiled & { readonly relation: Relation };

const rowsAtOnce = 1_000;

/**
 * Looks at existing tables and views and proposes how to govern them. Only reads: types and keys from the catalog, levels from names and a
 * sample of the rows. `client` must be outside a transaction.
 */
export async function prepareSource(client: ClientBase, options: SourceOptions): Promise<Proposal<SourceTable>> {
  return inTransaction(client, "look at the tables", async () => {
    await client.query("SET TRANSACTION READ ONLY");
    const relations: Relation[] = [];
    for (const given of options.relations)
      relations.push(await findRelation(client, given, createDropTest(options.drop)));
    requireNames(relations, options.drop);
    const tables: SourceTable[] = [];
    for (const relation of relations) tables.push(await sampleRelation(client, relation, options.sample));
    const joins = await findForeignKeys(client, relations);
    return proposeDataset(tables, { ...options, joins });
  });
}

/** Whether an option names a column: `table.COLUMN` or `COLUMN`, in any case. */
function createDropTest(drop: readonly string[]): (table: string, column: string) => boolean {
  const dropped = new Set(drop.map((option) => option.toLowerCase()));
  return (table, column) => dropped.has(column.toLowerCase()) || dropped.has(`${table}.${column}`.toLowerCase());
}

function requireNames(relations: readonly Relation[], drop: readonly string[]): void {
  const twin = relations.find(({ table }, at) => relations.findIndex((other) => other.table === table) !== at);
  if (twin !== undefined)
    throw new RelationUnfit(writeName(twin.schema, twin.name), [
      `Another of these tables would be called ${twin.table} too: make a view of one under another name.`,
    ]);
  const fields = relations.reduce((sum, { columns }) => sum + columns.length, 0);
  if (fields > maxFields)
    throw new FieldsTooMany(
      fields,
      maxFields,
      relations.map(({ table, columns }) => `${table} ${columns.length}`),
    );
  const everything = relations.map(({ table, columns, dropped }) => ({
    table,
    header: [...columns.map(({ name }) => name), ...dropped],
  }));
  for (const option of drop) findColumns(everything, "--drop", option);
}

async function sampleRelation(client: ClientBase, relation: Relation, sample: number): Promise<SourceTable> {
  const gatherers = relation.columns.map(({ name }) => createGatherer(name));
  const values = relation.columns.map(({ value }) => `(${value})::text`).join(", ");
  const from = quoteName(relation.schema, relation.name);
  await client.query(`DECLARE sample NO SCROLL CURSOR FOR SELECT ${values} FROM ${from} LIMIT ${Math.trunc(sample)}`);
  let rows = 0;
  for (;;) {
    const fetched = await client.query<(string | null)[]>({
      text: `FETCH ${rowsAtOnce} FROM sample`,
      rowMode: "array",
    });
    for (const row of fetched.rows) for (const [at, column] of gatherers.entries()) gather(column, row[at] ?? "");
    rows += fetched.rows.length;
    if (fetched.rows.length < rowsAtOnce) break;
  }
  await client.query("CLOSE sample");
  if (rows === 0)
    throw new RelationUnfit(writeName(relation.schema, relation.name), ["It has no rows, so nothing tells levels."]);
  const columns = gatherers.map((column, at) => {
    const { fieldType = "Text", zoneless = false } = relation.columns[at] ?? {};
    return { ...summarize(column), fieldType, zoneless };
  });
  return { table: relation.table, rows, columns, relation };
}
