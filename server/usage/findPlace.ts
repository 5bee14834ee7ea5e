import { fromHex } from "../domain/hash.ts";
import type { EntryDigest } from "../domain/ids.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";
import type { EntryReader } from "../store/entryReader.ts";

/** Where an entry stands in the log; undefined if it has none with this digest. The journal in memory vouches for it, not a row of the store. */
export type FindPlace = (
  digest: EntryDigest,
) => Promise<{ readonly index: number; readonly state: "Appended" | "Anchored" } | undefined>;

export function createFindPlace(
  entries: Pick<EntryReader, "indexOf">,
  journal: Pick<Journal, "digests">,
  anchored: () => number,
): FindPlace {
  return async (digest) => {
    const index = await entries.indexOf(fromHex(digest)).catch((error: unknown) => {
      throw new JournalUnavailable(error);
    });
    if (index === undefined) return undefined;
    const [held] = journal.digests(index, index + 1);
    if (held === undefined || !held.equals(fromHex(digest)))
      throw new JournalUnavailable(new Error(`entry ${index} in the store is not the one that was appended`));
    return { index, state: index < anchored() ? "Anchored" : "Appended" };
  };
}
