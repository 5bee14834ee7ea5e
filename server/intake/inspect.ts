import { stat } from "node:fs/promises";
import { type CsvFile, readHeader, streamRows } from "./csv.ts";
import { chooseEncoding } from "./decode.ts";
import { parseDelimiter } from "./delimiter.ts";
import { FileUnreadable, FileWithoutRows } from "./errors.ts";
import { checkHeader } from "./header.ts";
import { type ColumnProfile, createGatherer, type Gatherer, gather, summarize } from "./profile.ts";

/** A file with its checked header: what is known before its rows are read. */
export type TableFile = {
  readonly table: string;
  readonly file: CsvFile;
  readonly bytes: number;
  readonly header: readonly string[];
};

/** A table whose rows were looked at, wherever they come from. */
export type Profiled = { readonly table: string; readonly rows: number; readonly columns: readonly ColumnProfile[] };

/** A file that was read to its end. */
export type Inspection = TableFile & Profiled;

/** `bytes` of `totalBytes` of all files are read and `rows` of the table at hand. */
export type Progress = {
  readonly phase: "inspect" | "load";
  readonly table: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly rows: number;
};
export type OnProgress = (progress: Progress) => void;

/** Opens a file and checks encoding and header. */
export async function openTable(
  table: string,
  path: string,
  encoding: string | undefined,
  delimiter: string | undefined,
): Promise<TableFile> {
  const bytes = await sizeOf(path);
  const chosen = await chooseEncoding(path, encoding);
  const { file, names } = await readHeader(
    path,
    chosen,
    delimiter === undefined ? undefined : parseDelimiter(delimiter),
  );
  checkHeader(path, names);
  return { table, file, bytes, header: names };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new FileUnreadable(path, error);
  }
}

/** Reads a file to its end in bounded memory: checks every record and profiles every column that is not left out. */
export async function inspectTable(
  source: TableFile,
  dropped: ReadonlySet<string>,
  onBytes: (bytes: number, rows: number) => void,
): Promise<Inspection> {
  const gatherers = source.header.map((name) => (dropped.has(name) ? undefined : createGatherer(name)));
  let rows = -1;
  const visit = (row: readonly string[]): null => {
    if (++rows > 0) gatherRow(gatherers, row);
    return null;
  };
  await streamRows(source.file, visit, drain, (bytes) => onBytes(bytes, Math.max(rows, 0)));
  if (rows < 1) throw new FileWithoutRows(source.file.path);
  return { ...source, rows, columns: gatherers.filter((column) => column !== undefined).map(summarize) };
}

function gatherRow(gatherers: readonly (Gatherer | undefined)[], row: readonly string[]): void {
  for (let i = 0; i < gatherers.length; i++) {
    const column = gatherers[i];
    if (column !== undefined) gather(column, row[i] ?? "");
  }
}

async function drain(rows: AsyncIterable<string>): Promise<void> {
  for await (const _ of rows);
}
