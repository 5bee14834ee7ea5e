import type { Output } from "../../../server/api/routes.ts";
import { writeCell as writeText } from "../../../server/export/csv.ts";

export type Result = Extract<Output<"use">, { readonly result: unknown }>["result"];

/**
 * A result as CSV (RFC 4180) in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe before it; plain numbers stand as they
 * are.
 */
export function toCsv({ columns, rows }: Result): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  return `\uFEFF${lines.map((cells) => cells.map(writeCell).join(",")).join("\r\n")}\r\n`;
}

function writeCell(cell: string | boolean | null): string {
  const text = cell === null ? "" : String(cell);
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(text);
  return isNumber || typeof cell !== "string" ? text : writeText(text);
}
