import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "csv-parse";
import { type LogRecord, LogUnreadable, readLogTime } from "./logRecord.ts";
import { readPrefix } from "./logPrefix.ts";

export const logForms = ["csv", "json", "stderr"] as const;
export type LogForm = (typeof logForms)[number];

/**
 * Reads one file of PostgreSQL's log, record by record, in constant memory. Throws `LogUnreadable`, with the line, at what is none.
 * @param prefix The server's `log_line_prefix`, for the form `stderr`.
 */
export function readLog(file: string, form: LogForm, prefix: string): AsyncGenerator<LogRecord> {
  if (form === "csv") return readCsv(file);
  return form === "json" ? readJson(file) : readStderr(file, prefix);
}

/** What a file's name says of its form; PostgreSQL names its own so. */
export function formOf(file: string): LogForm {
  const forms: Readonly<Record<string, LogForm>> = { ".csv": "csv", ".json": "json" };
  return forms[extname(file)] ?? "stderr";
}

/** Columns of csvlog, the same since PostgreSQL 14. */
const csv = { time: 0, user: 1, database: 2, session: 5, message: 13, detail: 14, application: 22, least: 23 };

async function* readCsv(file: string): AsyncGenerator<LogRecord> {
  const parser = createReadStream(file).pipe(parse({ relax_column_count: true }));
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (row.length < csv.least)
        throw new LogUnreadable(`${file} has a line of ${row.length} columns: it is no csvlog`);
      const at = (column: number): string => row[column] ?? "";
      yield {
        time: readLogTime(at(csv.time)),
        user: at(csv.user),
        database: at(csv.database),
        application: at(csv.application),
        session: at(csv.session),
        message: at(csv.message),
        detail: at(csv.detail),
      };
    }
  } catch (error) {
    throw error instanceof LogUnreadable
      ? error
      : new LogUnreadable(`${file} is no csvlog: ${(error as Error).message}`);
  }
}

async function* readJson(file: string): AsyncGenerator<LogRecord> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line === "") continue;
    let found: Record<string, unknown>;
    try {
      found = JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw new LogUnreadable(`${file}, line ${number}, is no JSON: it is no jsonlog, or was cut off`);
    }
    const text = (name: string): string => String(found[name] ?? "");
    yield {
      time: readLogTime(text("timestamp")),
      user: text("user"),
      database: text("dbname"),
      application: text("application_name"),
      session: text("session_id"),
      message: text("message"),
      detail: text("detail"),
    };
  }
}

/** Lines that begin with a tab go on with the one before; so do, with a prefix of their own, DETAIL, CONTEXT and the like. */
async function* readStderr(file: string, prefix: string): AsyncGenerator<LogRecord> {
  const read = readPrefix(prefix);
  let open: (LogRecord & { readonly level: string }) | undefined;
  let inDetail = false;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.startsWith("\t") && open !== undefined) {
      const more = `\n${line.slice(1)}`;
      open = inDetail ? { ...open, detail: open.detail + more } : { ...open, message: open.message + more };
      continue;
    }
    const found = read(line);
    // what other libraries write to the same file has no prefix
    if (found === undefined) continue;
    if (/^(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION)$/.test(found.level) && open?.session === found.session) {
      inDetail = true;
      if (open !== undefined) open = { ...open, detail: `${open.detail}\n${found.message}` };
      continue;
    }
    if (open !== undefined) yield open;
    open = { ...found, detail: "" };
    inDetail = false;
  }
  if (open !== undefined) yield open;
}
