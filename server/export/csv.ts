import type { EntryItem } from "../api/entries.ts";

type Told = { readonly item: EntryItem; readonly digest: string };

/** What stands in each column; empty where an entry has no such thing. */
const columns: Readonly<Record<string, (told: Told) => string | number | null | undefined>> = {
  index: ({ item }) => item.index,
  state: ({ item }) => item.state,
  time: ({ item }) => item.entry.time,
  kind: ({ item }) => (item.entry.type === "datapact/entry/1" ? "Usage" : "Trail"),
  outcome: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.outcome : entry.act),
  reason: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.reason : null),
  participant: ({ item }) => item.participant?.id,
  participant_name: ({ item }) => item.participant?.name,
  signer: ({ item }) => item.entry.signer,
  agreement: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.agreement : null),
  dataset: ({ item }) => item.dataset?.id,
  dataset_name: ({ item }) => item.dataset?.name,
  purpose: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.purpose : null),
  request: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.request : null),
  subject: ({ item: { entry } }) => (entry.type === "datapact/trail/1" ? entry.subject : null),
  entries: ({ item: { entry } }) => (entry.type === "datapact/trail/1" ? entry.entries : null),
  block: ({ item }) => item.entry.block?.number,
  block_hash: ({ item }) => item.entry.block?.hash,
  result_digest: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.result?.digest : null),
  result_bytes: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.result?.bytes : null),
  result_rows: ({ item: { entry } }) => (entry.type === "datapact/entry/1" ? entry.result?.rows : null),
  digest: ({ digest }) => digest,
};

/** The first line, after a byte order mark: without one spreadsheets take UTF-8 for something else. */
export const csvHead = `\ufeff${Object.keys(columns).map(writeCell).join(",")}\r\n`;

export function csvLine(told: Told): string {
  return `${Object.values(columns)
    .map((read) => writeCell(read(told) ?? ""))
    .join(",")}\r\n`;
}

/**
 * Writes one cell after RFC 4180, always quoted. What a spreadsheet would take for a formula, after whatever blanks it skips and in
 * whatever width, gets an apostrophe in front.
 */
export function writeCell(value: string | number): string {
  const text = String(value);
  const isFormula =
    typeof value === "string" && /^[\s\p{Cc}\p{Cf}]*[=+\-@|%\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/u.test(text);
  return `"${isFormula ? "'" : ""}${text.replaceAll('"', '""')}"`;
}
