import type { EntryItem } from "../api/entries.ts";
import { entryDigest } from "../domain/entry.ts";
import { auditEvents, type ExportPlace } from "./auditEvent.ts";
import { csvHead, csvLine } from "./csv.ts";

export const exportFormats = ["fhir", "csv", "json"] as const;
export type ExportFormat = (typeof exportFormats)[number];

type Format = {
  readonly mediaType: string;
  readonly extension: string;
  readonly head: string;
  readonly write: (item: EntryItem, digest: string, place: ExportPlace) => string;
};

export const formats: { readonly [F in ExportFormat]: Format } = {
  fhir: {
    mediaType: "application/fhir+ndjson",
    extension: "ndjson",
    head: "",
    write: (item, digest, place) =>
      auditEvents(item, digest, place)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(""),
  },
  csv: {
    mediaType: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    head: csvHead,
    write: (item, digest) => csvLine({ item, digest }),
  },
  json: {
    mediaType: "application/x-ndjson",
    extension: "ndjson",
    head: "",
    write: (item) => `${JSON.stringify(item)}\n`,
  },
};

/** Writes entries in a format, part by part, as fast as they are taken. */
export async function* writeExport(
  format: ExportFormat,
  parts: AsyncIterable<readonly EntryItem[]>,
  place: ExportPlace,
): AsyncGenerator<Buffer> {
  const { head, write } = formats[format];
  if (head !== "") yield Buffer.from(head);
  for await (const items of parts)
    yield Buffer.from(items.map((item) => write(item, entryDigest(item.entry), place)).join(""));
}
