import type { Client } from "../api/client.ts";
import type { Entry } from "../domain/entry.ts";
import { periodGrace } from "../proof/bundlePeriod.ts";
import type { LogFacts } from "../proof/verifyLog.ts";
import type { EntryForBundle } from "./makeBundle.ts";

/** A time span in unix seconds, half-open. */
export type Period = { readonly from: number; readonly until: number };

/** Thrown when a gateway does not tell all entries of a period; says what is missing. */
export class PeriodUntold extends Error {
  override readonly name = "PeriodUntold";
}

/** How much longer than a period the list is asked for, in seconds: entries wait to be anchored, and clocks differ. */
const listedBefore = 600;
const listedAfter = 2 * periodGrace;

/** More entries than ever wait for the chain. */
const mostUnanchored = 1_000_000;

/**
 * Reads all entries of a period from a gateway, in the order of their indices: from the first that is not under a head of before the
 * period, to the first that was surely recorded after it, or the last of all. Which indices these are, the chain tells; none may be
 * missing. The client must bear a session of a participant whom all of them concern.
 * @param log The gateway's, from the chain.
 */
export async function readPeriod(
  client: Pick<Client, "entries" | "entry">,
  { from, until }: Period,
  { batches }: Pick<LogFacts, "batches">,
): Promise<EntryForBundle[]> {
  const size = batches.at(-1)?.size ?? 0;
  const listed = await listEntries(client, { from: from - listedBefore, until: until + listedAfter }, size);
  const entries: EntryForBundle[] = [];
  let batch = batches.findIndex(({ block }) => block.time >= from);
  for (let index = batches[batch]?.start ?? size; index < size; index += 1) {
    const entry = listed.get(index) ?? (await askEntry(client, index));
    entries.push({ index, entry });
    while ((batches[batch]?.size ?? Infinity) <= index) batch += 1;
    const anchored = batches[batch]?.block.time ?? 0;
    if (Date.parse(entry.time) / 1_000 >= until + periodGrace && anchored >= until) break;
  }
  return entries;
}

/** What a gateway lists of a period, by index; of `size` entries in all. Each page must bring something new, so that it ends. */
async function listEntries(client: Pick<Client, "entries">, { from, until }: Period, size: number) {
  const written = (seconds: number): string =>
    new Date(Math.max(0, seconds) * 1_000).toISOString().replace(".000Z", "Z");
  const asked = { from: written(from), until: written(until), limit: "200" };
  const found = new Map<number, Entry>();
  const unanchored = new Set<number>();
  let cursor: string | undefined;
  do {
    const page = await client.entries(cursor === undefined ? asked : { ...asked, cursor });
    const before = found.size + unanchored.size;
    for (const { index, entry } of page.items) {
      if (index < size) found.set(index, entry as Entry);
      else unanchored.add(index);
    }
    cursor = page.next ?? undefined;
    const isEndless = found.size + unanchored.size === before || unanchored.size > mostUnanchored;
    if (cursor !== undefined && isEndless) throw new PeriodUntold("the gateway's list of entries does not end");
  } while (cursor !== undefined);
  return found;
}

async function askEntry(client: Pick<Client, "entry">, index: number): Promise<Entry> {
  try {
    return (await client.entry({ index: String(index) })).item.entry as Entry;
  } catch (cause) {
    throw new PeriodUntold(`the gateway does not tell entry ${index}, which is on chain`, { cause });
  }
}
