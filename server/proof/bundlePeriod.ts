import type { BundleEnd, BundleHeader } from "./bundle.ts";
import type { SeenEntries } from "./bundleEntries.ts";
import type { BundleHeads } from "./bundleHeads.ts";

/** By how much clocks may differ, in seconds; entries that were recorded together may stand in another order by less. */
export const periodGrace = 60;

/** What is wrong with the range of a bundle; undefined if as many entries as it tells are here, and all of its range. */
export function rangeProblem(end: BundleEnd | undefined, seen: SeenEntries): string | undefined {
  if (end === undefined) return "the bundle has no end";
  if (end.entries !== seen.entries) return `the bundle tells of ${end.entries} entries and has ${seen.entries}`;
  const { range } = end;
  if (range === null) return undefined;
  const isWhole = seen.isWhole && range.from === seen.first && range.until === seen.last + 1;
  return isWhole || (seen.entries === 0 && range.from === range.until) ? undefined : "entries of the range are missing";
}

/**
 * What keeps the range of a bundle from having all entries of its period; undefined if it has. Before its first stands a head that was on
 * chain before the period; its last was recorded and anchored after the period, or is the last of all.
 * @param lookedAt Until when who signed knows that the chain had no more, in unix seconds.
 */
export function periodProblem(
  { period, range }: BundleEnd,
  { head, asOf }: BundleHeader,
  heads: BundleHeads,
  seen: SeenEntries,
  lookedAt: number,
): string | undefined {
  if (period === null) return undefined;
  if (range === null) return "a selection is told to be all of a period";
  if (period.until <= period.from) return "the period ends before it begins";
  const before = head.size === range.from ? head : heads.ofSize(range.from);
  if (range.from > 0 && (before === undefined || before.block.time >= period.from))
    return "entries of the period may stand before the first: no head shows that the log was as long before it began";
  const { end } = seen;
  const isPast = end?.anchored !== undefined && end.time >= period.until + periodGrace && end.anchored >= period.until;
  if (isPast) return undefined;
  if (range.until !== head.size) return "entries of the period may stand after the last: it was not recorded after it";
  return Math.max(asOf.time, lookedAt) >= period.until
    ? undefined
    : "entries of the period may still come: who signed did so before it was over";
}

/** Whether nothing but the word of those who signed says that the period has no more entries than these. */
export function isOpenEnded({ period }: BundleEnd, seen: SeenEntries): boolean {
  return period !== null && !isPast(seen, period.until);
}

/** Whether the last entry was recorded and anchored after a time, so that none from before can follow. */
function isPast({ end }: SeenEntries, time: number): boolean {
  return end?.anchored !== undefined && end.time >= time + periodGrace && end.anchored >= time;
}
