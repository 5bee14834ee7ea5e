import type pg from "pg";
import type { EntryItem } from "../api/entries.ts";
import { canonicalBytes } from "../domain/entry.ts";
import { sha256, toHex } from "../domain/hash.ts";
import { JournalUnavailable } from "../journal/journal.ts";

/** What an act upon the trail was about; null for a use. Throws `JournalUnavailable` if it is not what the entry holds the digest of. */
export async function readAbout(
  client: pg.ClientBase,
  { index, entry }: Pick<EntryItem, "index" | "entry">,
): Promise<Record<string, unknown> | null> {
  if (entry.type !== "datapact/trail/1") return null;
  const { rows } = await client.query<{ evidence: string }>("SELECT evidence FROM datapact.entry WHERE index = $1", [
    index,
  ]);
  const about: unknown = JSON.parse(rows[0]?.evidence ?? "null");
  if (toHex(sha256(canonicalBytes(about))) !== entry.subject)
    throw new JournalUnavailable(new Error(`what entry ${index} is about is not what was recorded`));
  return about as Record<string, unknown>;
}
