import type { Writable } from "node:stream";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Row, streamRows } from "./csv.ts";
import { FileChanged } from "./errors.ts";
import { quoteName } from "./names.ts";
import type { ProposedTable } from "./propose.ts";

const batchLength = 1 << 16;

/** Streams the rows of a file into its table as text, so that no value passes through a number. Returns how many there were. */
export async function copyRows(
  client: ClientBase,
  schema: string,
  table: ProposedTable,
  onBytes: (bytes: number, rows: number) => void,
): Promise<number> {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(", ");
  const target = quoteName(schema, table.table);
  const writer = createRowWriter(table);
  const sink = async (batches: AsyncIterable<string>): Promise<void> => {
    const copy = client.query(
      copyFrom(`COPY ${target} (${columns}) FROM STDIN WITH (FORMAT text, FREEZE, ENCODING 'UTF8')`),
    );
    await pipeline(Readable.from(withRest(batches, writer)), copy as Writable);
  };
  await streamRows(table.file, writer.write, sink, (bytes) => onBytes(bytes, writer.rows()));
  if (writer.rows() !== table.rows) throw new FileChanged(table.file.path);
  return writer.rows();
}

type RowWriter = {
  readonly write: (row: Row) => string | null;
  readonly rest: () => string;
  readonly rows: () => number;
};

/** Gathers rows into batches, as one small write a row would be slow. The first record must be the header that was inspected. */
function createRowWriter(table: ProposedTable): RowWriter {
  const places = table.columns.map(({ name }) => table.header.indexOf(name));
  let batch = "";
  let rows = -1;
  const take = (): string => {
    const taken = batch;
    batch = "";
    return taken;
  };
  const write = (row: Row): string | null => {
    if (++rows === 0) checkSameHeader(table, row);
    else batch += `${places.map((place) => copyText(row[place] ?? "")).join("\t")}\n`;
    return batch.length > batchLength ? take() : null;
  };
  return { write, rest: take, rows: () => Math.max(rows, 0) };
}

function checkSameHeader(table: ProposedTable, header: Row): void {
  const isSame = header.length === table.header.length && header.every((name, index) => name === table.header[index]);
  if (!isSame) throw new FileChanged(table.file.path);
}

async function* withRest(batches: AsyncIterable<string>, writer: RowWriter): AsyncGenerator<string> {
  yield* batches;
  yield writer.rest();
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Writes a value for COPY; the empty string is NULL. */
function copyText(value: string): string {
  if (value === "") return "\\N";
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? "") : value;
}
