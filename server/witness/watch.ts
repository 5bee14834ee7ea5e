import { setTimeout as sleep } from "node:timers/promises";
import type { Breach, Challenge } from "../client/challenges.ts";
import { describeError } from "../domain/describeError.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm, alarmKinds, keyOf } from "./alarms.ts";
import { type RoundParts, runRound } from "./round.ts";
import type { StateFile, WatchState } from "./state.ts";

/** What a witness tells: an alarm that is new, one that stood when it started, one that is over, a promise that it proved broken on chain, or that a round is done. */
export type Told =
  | { readonly level: "alarm" | "stands" | "over"; readonly alarm: Alarm }
  | { readonly level: "proven"; readonly breach: Breach }
  | { readonly level: "round"; readonly round: number; readonly block: number | undefined; readonly standing: number };

export type WatchParts = RoundParts & {
  readonly file: StateFile;
  readonly tell: (told: Told) => void;
  /** Proves a broken promise on chain; undefined if that is not this witness's to do. */
  readonly prove: ((challenge: Challenge) => Promise<Breach>) | undefined;
};

/** Runs rounds until it is told to stop, or just one. Resolves to the alarms that stand. */
export async function watch(
  parts: WatchParts,
  everyMs: number | undefined,
  signal: AbortSignal,
): Promise<readonly Alarm[]> {
  const { state: read, isOutdated } = parts.file.read();
  // whoever is told may have missed them when this witness ended
  for (const one of read.standing) parts.tell({ level: "stands", alarm: one });
  let state = isOutdated ? settle(parts, read, [alarm("StateOutdated", null, read.rounds)]) : read;
  for (;;) {
    const round = await runRound(parts, state);
    // what was found is told before anything is sent; whether a proof still fails is known only after
    const failing = state.standing.filter(({ code }) => code === "ChallengeFailed");
    state = settle(parts, round.state, [...round.alarms, ...failing]);
    const failed = await proveAll(parts, round.challenges);
    state = settle(parts, state, [...round.alarms, ...failed]);
    parts.tell({ level: "round", round: state.rounds, block: round.block, standing: state.standing.length });
    if (everyMs === undefined || signal.aborted) return state.standing;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return state.standing;
  }
}

/** Tells what is new and what is over, and writes all down before the next round. Of what lasts, nothing is over by itself. */
function settle({ file, tell }: WatchParts, state: WatchState, alarms: readonly Alarm[]): WatchState {
  const before = new Map(state.standing.map((one) => [keyOf(one), one]));
  const now = new Map(alarms.map((one) => [keyOf(one), one]));
  for (const [key, one] of before) if (alarmKinds[one.code].lasts && !now.has(key)) now.set(key, one);
  const next: WatchState = { ...state, standing: [...now.values()] };
  for (const [key, one] of now) if (!before.has(key)) tell({ level: "alarm", alarm: one });
  for (const [key, one] of before) if (!now.has(key)) tell({ level: "over", alarm: one });
  file.write(next);
  return next;
}

/** One breach stops a log, so that one proof of each is all that the contract takes. Gives those that could not be filed. */
async function proveAll({ prove, tell }: WatchParts, challenges: readonly Challenge[]): Promise<readonly Alarm[]> {
  if (prove === undefined) return [];
  const failed: Alarm[] = [];
  for (const [, own] of Map.groupBy(challenges, ({ receipt }) => receipt.gateway)) {
    const failures: Alarm[] = [];
    for (const challenge of own) {
      try {
        tell({ level: "proven", breach: await prove(challenge) });
        failures.length = 0;
        break;
      } catch (error) {
        failures.push(notFiled(challenge, error));
      }
    }
    failed.push(...failures);
  }
  return failed;
}

/** Names the error alone: its text may be the node's. */
function notFiled({ receipt, fault }: Challenge, error: unknown): Alarm {
  const { name, code } = describeError(error);
  const facts = { fault, entry: receipt.entry, error: name, ...(typeof code === "string" ? { code } : {}) };
  return alarm("ChallengeFailed", receipt.gateway, receipt.index, facts);
}

/**
 * Lets go of all alarms that stand: somebody has looked into them. Those that still hold are told anew; how many entries a gateway told of
 * counts from what it tells next.
 */
export function acknowledgeAll(file: StateFile): number {
  const { state } = file.read();
  const shortened = new Set(state.standing.flatMap(({ code, gateway }) => (code === "LogShortened" ? [gateway] : [])));
  const logs = Object.entries(state.logs).map(([gateway, log]) => [
    gateway,
    shortened.has(gateway as ParticipantId) ? { ...log, appended: 0 } : log,
  ]);
  file.write({ ...state, logs: Object.fromEntries(logs), standing: [] });
  return state.standing.length;
}
