import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { Told } from "./askGateway.ts";
import type { Patience } from "./judgeTold.ts";
import type { OpenedHead } from "./logHeads.ts";
import type { WatchedLog } from "./state.ts";

/**
 * Whether a gateway whose log is on chain shows a head that it signed. One that never does cannot be caught showing two.
 * @param shown The head in the note that it gave, if a key of the gateway has signed it.
 * @param now Unix seconds.
 */
export function judgeNote(
  gateway: ParticipantId,
  log: WatchedLog,
  told: Told | undefined,
  shown: OpenedHead | undefined,
  { overdueSeconds }: Patience,
  now: number,
): { readonly log: WatchedLog; readonly alarms: readonly Alarm[] } {
  // silence and mistakes have alarms of their own, and a key that was replaced is published with the next batch
  if (told === undefined || told.gateway !== gateway) return { log, alarms: [] };
  const unsignedSince = shown?.isCurrent === true || log.size === 0 ? null : (log.unsignedSince ?? now);
  const isMissing = unsignedSince !== null && now - unsignedSince > overdueSeconds;
  const alarms = isMissing ? [alarm("CheckpointMissing", gateway, "", { since: unsignedSince })] : [];
  return { log: { ...log, unsignedSince }, alarms };
}
