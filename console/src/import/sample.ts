import { detectDelimiter } from "../../../server/intake/delimiter.ts";
import type { Profiled } from "../../../server/intake/inspect.ts";
import { plainTableName } from "../../../server/intake/plainTableName.ts";
import { createGatherer, gather, summarize } from "../../../server/intake/profile.ts";

/** How much of a file is looked at. */
export const mostBytes = 4 * 1_048_576;

/** Encodings that hospital systems write. */
export const encodings = ["utf-8", "gb18030", "big5", "shift_jis", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];

/** What the beginning of a file tells. */
export type Sample = Profiled & { readonly file: string; readonly encoding: Encoding; readonly isWhole: boolean };

/** Reads the beginning of a file in this browser. Rejects with `TypeError` if it is not in this encoding, or has no rows. */
export async function sampleOf(file: File, encoding: Encoding): Promise<Sample> {
  const isWhole = file.size <= mostBytes;
  const bytes = await file.slice(0, mostBytes).arrayBuffer();
  // a character that the cut divides is no reason to refuse
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole });
  const rows = readRows(text, detectDelimiter(text), isWhole);
  const [header = [], ...records] = isWhole ? rows : rows.slice(0, -1);
  if (records.length === 0) throw new TypeError("it has no rows");
  const gatherers = header.map(createGatherer);
  for (const record of records) gatherers.forEach((column, at) => void gather(column, record[at] ?? ""));
  const table = plainTableName(file.name.replace(/\.[^.]*$/, ""));
  return { file: file.name, encoding, isWhole, table, rows: records.length, columns: gatherers.map(summarize) };
}

/**
 * The records of CSV (RFC 4180), empty lines left out. Throws `TypeError` at what is none, unless the text is cut: then those before it are all.
 */
export function readRows(text: string, delimiter: string, isWhole = true): string[][] {
  const rows: string[][] = [];
  const mark = delimiter === "|" ? "\\|" : delimiter;
  const cell = new RegExp(`("(?:[^"]|"")*"|(?!")[^${mark}\\r\\n]*)(${mark}|\\r\\n|\\n|\\r|$)`, "gy");
  let row: string[] = [];
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  while (cell.lastIndex < plain.length) {
    const found = cell.exec(plain);
    if (found === null && !isWhole) break;
    if (found === null) throw new TypeError("a quotation mark stands where none may");
    const [, written = "", end = ""] = found;
    row.push(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
    if (end === delimiter) {
      if (cell.lastIndex === plain.length) row.push("");
      else continue;
    }
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}
