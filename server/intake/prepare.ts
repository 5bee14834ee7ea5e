import { maxFields } from "../domain/dataset.ts";
import { findColumns } from "./columns.ts";
import { tableNames } from "./header.ts";
import { type Inspection, inspectTable, type OnProgress, openTable, type TableFile } from "./inspect.ts";
import { FieldsTooMany, OptionUnresolved } from "./optionErrors.ts";
import { type Proposal, type ProposalOptions, proposeDataset } from "./propose.ts";

export type PrepareOptions = ProposalOptions & {
  readonly files: readonly string[];
  /** An encoding for all files, or `table=encoding`. */
  readonly encodings: readonly string[];
  readonly delimiter?: string | undefined;
  /** Columns to leave out: `table.COLUMN`, or `COLUMN` of every table. */
  readonly drop: readonly string[];
};

/** Reads all files to their end, checks every record and proposes how to govern them. Nothing is written anywhere. */
export async function prepareDataset(
  options: PrepareOptions,
  onProgress: OnProgress = () => undefined,
): Promise<Proposal> {
  const sources = await openTables(options);
  const dropped = droppedColumns(sources, options.drop);
  checkFieldCount(sources, dropped);
  const totalBytes = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytes = 0;
  const inspections: Inspection[] = [];
  for (const source of sources)
    inspections.push(
      await inspectTable(source, dropped.get(source.table) ?? new Set(), (read, rows) => {
        bytes += read;
        onProgress({ phase: "inspect", table: source.table, bytes, totalBytes, rows });
      }),
    );
  return proposeDataset(inspections, options);
}

async function openTables(options: PrepareOptions): Promise<TableFile[]> {
  const files = tableNames(options.files);
  const encodings = parseEncodings(options.encodings, [...files.keys()]);
  const sources: TableFile[] = [];
  for (const [table, path] of files)
    sources.push(await openTable(table, path, encodings.get(table) ?? encodings.get(""), options.delimiter));
  return sources;
}

function parseEncodings(options: readonly string[], tables: readonly string[]): Map<string, string> {
  return new Map(
    options.map((option) => {
      const cut = option.indexOf("=");
      const table = option.slice(0, Math.max(cut, 0)).toLowerCase();
      if (table !== "" && !tables.includes(table))
        throw new OptionUnresolved("--encoding", option, tables, "names no table");
      return [table, option.slice(cut + 1)];
    }),
  );
}

function droppedColumns(sources: readonly TableFile[], drop: readonly string[]): Map<string, Set<string>> {
  const dropped = new Map<string, Set<string>>();
  for (const given of drop)
    for (const { table, column } of findColumns(sources, "--drop", given))
      dropped.set(table, (dropped.get(table) ?? new Set()).add(column));
  return dropped;
}

function checkFieldCount(sources: readonly TableFile[], dropped: ReadonlyMap<string, ReadonlySet<string>>): void {
  const counts = sources.map(({ table, header }) => ({
    table,
    fields: header.length - (dropped.get(table)?.size ?? 0),
  }));
  const fields = counts.reduce((sum, count) => sum + count.fields, 0);
  if (fields > maxFields)
    throw new FieldsTooMany(
      fields,
      maxFields,
      counts.map((count) => `${count.table} ${count.fields}`),
    );
  const bare = counts.find((count) => count.fields === 0);
  if (bare !== undefined) throw new OptionUnresolved("--drop", bare.table, [], "leaves a table without columns");
}
