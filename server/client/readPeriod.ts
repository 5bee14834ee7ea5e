import type { Client } from "../api/client.ts";
import type { Entry } from "../domain/entry.ts";
import type { EntryForBundle } from "./makeBundle.ts";

/** A time span in unix seconds, half-open. */
export type Period = { readonly from: number; readonly until: number };

/**
 * Reads all entries of a period from a gateway, in the order of their indices, and those between them: entries that were recorded together
 * may stand in another order than their times. The client must bear a session of a participant whom all of them concern.
 */
export async function readPeriod(client: Client, { from, until }: Period): Promise<EntryForBundle[]> {
  const written = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
  const found = new Map<number, Entry>();
  let cursor: string | undefined;
  do {
    const asked = { from: written(from), until: written(until), limit: "200" };
    const page = await client.entries(cursor === undefined ? asked : { ...asked, cursor });
    for (const { index, entry, state } of page.items) if (state === "Anchored") found.set(index, entry as Entry);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  const indices = [...found.keys()];
  const [first, last] = [
    indices.reduce((a, b) => Math.min(a, b), Infinity),
    indices.reduce((a, b) => Math.max(a, b), -1),
  ];
  const entries: EntryForBundle[] = [];
  for (let index = first; index <= last; index += 1) {
    const entry = found.get(index) ?? ((await client.entry({ index: String(index) })).item.entry as Entry);
    entries.push({ index, entry });
  }
  return entries;
}
