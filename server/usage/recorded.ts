import { entryDigest, type UsageEntry } from "../domain/entry.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { EntryDigest, RequestDigest } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";
import type { EntryReader } from "../store/entryReader.ts";
import type { Reissue } from "./reissue.ts";

/**
 * Finds what was recorded of a request, for whoever lost the answer; undefined if nothing is. It vouches for what the journal holds in
 * memory, never for what a row of the store says now.
 */
export type FindRecorded = (
  request: RequestDigest,
) => Promise<{ readonly entry: UsageEntry; readonly receipt: Receipt } | undefined>;

export function createFindRecorded(
  entries: Pick<EntryReader, "byRequest">,
  journal: Pick<Journal, "digests">,
  reissue: Reissue,
): FindRecorded {
  return async (request) => {
    const found = await entries.byRequest(fromHex(request)).catch((error: unknown) => {
      throw new JournalUnavailable(error);
    });
    if (found === undefined) return undefined;
    const [digest] = journal.digests(found.index, found.index + 1);
    const entry = JSON.parse(found.body) as UsageEntry;
    if (digest === undefined || entryDigest(entry) !== toHex<EntryDigest>(digest) || entry.request !== request) {
      throw new JournalUnavailable(new Error(`entry ${found.index} in the store is not the one that was appended`));
    }
    return { entry, receipt: await reissue(found.index) };
  };
}
