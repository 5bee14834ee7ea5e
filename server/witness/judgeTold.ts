import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { Told } from "./askGateway.ts";
import type { LogHeads } from "./logHeads.ts";
import type { WatchedLog } from "./state.ts";

/** How long something may take, in seconds. */
export type Patience = { readonly silentSeconds: number; readonly overdueSeconds: number };

/**
 * Holds what a gateway says of its log against the chain and against what it has said before. Nobody signs that answer, so that nobody is
 * accused by it.
 * @param told Undefined if it did not answer.
 * @param now Unix seconds.
 */
export async function judgeTold(
  gateway: ParticipantId,
  log: WatchedLog,
  heads: Pick<LogHeads, "rootAt">,
  told: Told | undefined,
  { silentSeconds, overdueSeconds }: Patience,
  now: number,
): Promise<{ readonly log: WatchedLog; readonly alarms: readonly Alarm[] }> {
  if (told === undefined) {
    const isSilent = now - log.heardAt > silentSeconds;
    return { log, alarms: isSilent ? [alarm("GatewaySilent", gateway, "", { heardAt: log.heardAt })] : [] };
  }
  if (told.gateway !== gateway)
    return { log, alarms: [alarm("GatewayMistaken", gateway, "", { answers: told.gateway })] };
  const { appended, anchored } = told.log;
  const alarms: Alarm[] = [];
  if (appended < log.appended) alarms.push(alarm("LogShortened", gateway, log.appended, { appended }));
  if (anchored !== null && anchored.size > 0 && anchored.size <= log.size) {
    const root = await heads.rootAt(anchored.size);
    if (root !== anchored.root) alarms.push(alarm("HeadContradicted", gateway, anchored.size, { root: anchored.root }));
  }
  const waiting = waitingFor(log, appended, now);
  if (waiting !== null && now - waiting.since > overdueSeconds)
    alarms.push(alarm("AnchorOverdue", gateway, waiting.size, { since: waiting.since }));
  return { log: { ...log, appended: Math.max(appended, log.appended), waiting, heardAt: now }, alarms };
}

/** What waits to be anchored, and since when: no more than is told of now, so that one wrong answer does not wait for ever. */
function waitingFor({ size, waiting }: WatchedLog, appended: number, now: number): WatchedLog["waiting"] {
  if (appended <= size) return null;
  if (waiting === null || waiting.size <= size) return { size: appended, since: now };
  return { ...waiting, size: Math.min(waiting.size, appended) };
}
