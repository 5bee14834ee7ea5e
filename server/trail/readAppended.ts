import { type Entry, entryDigest } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { EntryDigest } from "../domain/ids.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";

/** Reads an entry from its row. Throws `JournalUnavailable` if it is not the one that was appended at this index. */
export function readAppended(journal: Pick<Journal, "digests">, index: number, body: string | undefined): Entry {
  const [digest] = journal.digests(index, index + 1);
  const entry = body === undefined ? undefined : (JSON.parse(body) as Entry);
  if (entry === undefined || digest === undefined || entryDigest(entry) !== toHex<EntryDigest>(digest))
    throw new JournalUnavailable(new Error(`entry ${index} in the store is not the one that was appended`));
  return entry;
}
