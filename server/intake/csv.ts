import type { Transform } from "node:stream";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { parse as parseNow } from "csv-parse/sync";
import { decodeFile } from "./decode.ts";
import { detectDelimiter } from "./delimiter.ts";
import { FileEmpty } from "./errors.ts";
import { RowMalformed, RowRagged } from "./fileErrors.ts";

export type Row = readonly string[];

/** A file and how to read it: encoding as a label for `TextDecoder`, delimiter as one character. */
export type CsvFile = { readonly path: string; readonly encoding: string; readonly delimiter: string };

/** Sees each row with the line, from 1, on which it begins. What it returns, if not null, is what the parser streams on. */
export type RowVisitor = (row: Row, line: number) => string | null;

/** A longer record is a quotation mark that nobody closed. */
const maxRecordBytes = 1 << 24;

/**
 * Streams the records of a file, the header first, through `visit`; `sink` takes what that returns. Every record has as many fields as the
 * header, or it throws `RowRagged`. Memory does not grow with the file.
 */
export async function streamRows(
  file: CsvFile,
  visit: RowVisitor,
  sink: (rows: AsyncIterable<string>) => Promise<void>,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const text = Readable.from(decodeFile(file.path, file.encoding, onBytes), {
    objectMode: false,
    highWaterMark: 1 << 18,
  });
  try {
    await pipeline(text, rowParser(file, visit), sink);
  } catch (error) {
    throw translate(file.path, error);
  }
}

function rowParser(file: CsvFile, visit: RowVisitor): Transform {
  let expected = 0;
  return parse({
    delimiter: file.delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordBytes,
    on_record: (record, { lines }) => {
      const row = record as unknown as string[];
      const line = lines - countBreaks(row);
      if (expected === 0) expected = row.length;
      if (row.length !== expected) throw new RowRagged(file.path, line, expected, row.length);
      return visit(row, line) as string[] | null;
    },
  });
}

function countBreaks(row: Row): number {
  let count = 0;
  for (const field of row) if (field.includes("\n")) count += field.split("\n").length - 1;
  return count;
}

/** Reads the header of a file and detects the delimiter unless it is given. */
export async function readHeader(
  path: string,
  encoding: string,
  delimiter: string | undefined,
): Promise<{ file: CsvFile; names: Row }> {
  const start = await startOf(path, encoding);
  const file = { path, encoding, delimiter: delimiter ?? detectDelimiter(start) };
  const names = firstRecord(file, start);
  if (names === undefined) throw new FileEmpty(path);
  return { file, names };
}

function firstRecord(file: CsvFile, start: string): Row | undefined {
  try {
    const options = { delimiter: file.delimiter, relax_column_count: true, skip_empty_lines: true, to: 1 };
    return (parseNow(start, options) as string[][])[0];
  } catch (error) {
    throw translate(file.path, error);
  }
}

async function startOf(path: string, encoding: string): Promise<string> {
  for await (const text of decodeFile(path, encoding, () => undefined)) return text;
  return "";
}

/** The one place that knows the errors of csv-parse. */
function translate(path: string, error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = Number((error as CsvError & { lines?: number }).lines ?? 0);
  return new RowMalformed(path, line, problems[error.code] ?? `it is not valid CSV (${error.code}).`);
}

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED:
    "a quotation mark opens here that is never closed. Close it, or double it if it is part of the text.",
  CSV_MAX_RECORD_SIZE: "a record is longer than 16 MiB; most likely a quotation mark was not closed near this line.",
  CSV_INVALID_CLOSING_QUOTE:
    "text follows a closing quotation mark. Double the quotation marks that are part of the text.",
  INVALID_OPENING_QUOTE:
    "a quotation mark stands inside a field that does not begin with one. Put the field in quotation marks and double those inside.",
};
