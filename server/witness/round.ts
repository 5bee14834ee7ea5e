import { setTimeout as sleep } from "node:timers/promises";
import { askHead, type Head } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import { LogInconsistent } from "../client/chainLog.ts";
import type { Challenge } from "../client/challenges.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { type Alarm, alarm } from "./alarms.ts";
import type { AskGateway, Told } from "./askGateway.ts";
import { EntriesHidden, followLog } from "./followLog.ts";
import type { Held } from "./heldFiles.ts";
import { judgeHeads, type SignedHead } from "./judgeHeads.ts";
import type { JudgeHeld } from "./judgeHeld.ts";
import { judgeNote } from "./judgeNote.ts";
import { judgeTold, type Patience } from "./judgeTold.ts";
import { createLogHeads, type LogHeads } from "./logHeads.ts";
import type { NoteFolder } from "./noteFolder.ts";
import { logIn, type WatchedLog, type WatchState } from "./state.ts";

/** A gateway under watch, and where it answers; without address its log is followed on chain alone. */
export type WatchedGateway = { readonly gateway: ParticipantId; readonly url: string | undefined };

export type RoundParts = {
  readonly space: Space;
  /** Who is watched now: gateways may be admitted at any time. */
  readonly findGateways: () => Promise<readonly WatchedGateway[]>;
  readonly finalityDepth: number;
  readonly patience: Patience;
  readonly ask: AskGateway;
  readonly readHeld: () => Promise<Held>;
  readonly notes: NoteFolder;
  readonly held: { readonly judge: JudgeHeld; readonly forget: () => void };
  readonly onProgress: (gateway: ParticipantId, entries: number) => void;
  /** Unix seconds. */
  readonly now: () => number;
};

/** What one round found. */
export type Round = {
  readonly state: WatchState;
  /** All alarms that hold now. */
  readonly alarms: readonly Alarm[];
  readonly challenges: readonly Challenge[];
  readonly block: number | undefined;
};

/** Looks once at the chain, at every gateway and at every file. What cannot be asked now is an alarm, and is asked again in the next round. */
export async function runRound(parts: RoundParts, state: WatchState): Promise<Round> {
  const { space, notes, now } = parts;
  const gateways = await parts.findGateways().catch(() => undefined);
  if (gateways === undefined) return unavailable(state);
  const told = await Promise.all(
    gateways.map(({ url }) => (url === undefined ? undefined : parts.ask(url).catch(() => undefined))),
  );
  const chain = await readFinal(parts, state).catch(() => undefined);
  if (chain === undefined) return unavailable(state);
  const { final, wentBack } = chain;
  const alarms: Alarm[] = [...chain.alarms];
  const held = await parts.readHeld();
  if (wentBack) parts.held.forget();
  const logs = { ...state.logs };
  const challenges: Challenge[] = [];
  const foreign = new Set(held.notes);
  for (const [at, { gateway, url }] of gateways.entries()) {
    const before = logIn(state, gateway);
    const from: WatchedLog = wentBack ? { ...before, block: 0, size: 0, edge: [] } : before;
    try {
      const followed = await followSoundly(() =>
        followLog(space, gateway, from, final, (entries) => parts.onProgress(gateway, entries)),
      );
      const heads = createLogHeads(space, gateway, final);
      alarms.push(...followed.alarms);
      const said =
        url === undefined ? undefined : await judgeTold(gateway, followed.log, heads, told[at], parts.patience, now());
      alarms.push(...(said?.alarms ?? []));
      const signed = await openAll(heads.openCheckpoint, notes.notes(), [...ownNote(told[at]), ...held.notes]);
      for (const { note } of signed) foreign.delete(note);
      const [own] = ownNote(told[at]);
      const shown = own === undefined ? undefined : await heads.openCheckpoint(own);
      const noted = judgeNote(gateway, said?.log ?? followed.log, told[at], shown, parts.patience, now());
      logs[gateway] = noted.log;
      alarms.push(...noted.alarms);
      const judged = await judgeHeads(gateway, followed.log.size, heads, signed);
      alarms.push(...judged.alarms);
      notes.keep(gateway, [...judged.open, ...judged.forked, ...newest(signed.filter(({ isOwn }) => isOwn))]);
      const receipts = await parts.held.judge(gateway, followed.log, heads, held.receipts);
      alarms.push(...receipts.alarms);
      const isBreached = followed.alarms.some(({ code }) => code === "LogBreached");
      if (!isBreached) challenges.push(...receipts.challenges);
    } catch (error) {
      alarms.push(failureOf(gateway, error));
    }
  }
  const unread = [...held.unreadable, ...(foreign.size > 0 ? [`${foreign.size} notes`] : [])];
  if (unread.length > 0) alarms.push(alarm("FileUnreadable", null, "", { files: unread.length }));
  const seen = { number: final.number, hash: final.hash };
  return { state: { ...state, seen, logs, rounds: state.rounds + 1 }, alarms, challenges, block: final.number };
}

/** A node may show a block before it finds the logs in it. */
async function followSoundly<T>(follow: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await follow();
    } catch (error) {
      if (!(error instanceof LogInconsistent) || tries === mostTries) throw error;
      await sleep(pauseMs);
    }
  }
}

const mostTries = 4;
const pauseMs = 250;

type Final = { readonly final: Head; readonly wentBack: boolean; readonly alarms: readonly Alarm[] };

/** The newest block that counts as final, never an older one than before; unless the chain has replaced that one. */
async function readFinal({ space, finalityDepth }: RoundParts, { seen }: WatchState): Promise<Final> {
  const head = await space.readHead();
  const number = Math.max(head.number - finalityDepth, space.manifest.block);
  if (seen !== null && head.number < seen.number) {
    const final = number === head.number ? head : await askHead(space.send, number);
    return {
      final,
      wentBack: true,
      alarms: [alarm("ChainBehind", null, "", { block: head.number, seen: seen.number })],
    };
  }
  const final = number === head.number ? head : await askHead(space.send, Math.max(number, seen?.number ?? 0));
  if (seen === null) return { final, wentBack: false, alarms: [] };
  const before = seen.number === final.number ? final : await askHead(space.send, seen.number);
  if (before.hash === seen.hash) return { final, wentBack: false, alarms: [] };
  const facts = { was: seen.hash, is: before.hash };
  return { final, wentBack: true, alarms: [alarm("ChainWentBack", null, seen.number, facts)] };
}

function failureOf(gateway: ParticipantId, error: unknown): Alarm {
  if (error instanceof EntriesHidden) {
    const { start, transaction } = error;
    return alarm("EntriesHidden", gateway, start, { transaction });
  }
  return alarm("ChainUnavailable", gateway, "", { error: error instanceof Error ? error.name : "unknown" });
}

const ownNote = (told: Told | undefined): string[] => (told?.note === undefined ? [] : [told.note]);

const unavailable = (state: WatchState): Round => ({
  state,
  alarms: [alarm("ChainUnavailable", null, "")],
  challenges: [],
  block: undefined,
});

/** @param kept Notes that this witness holds already: it took each of them while its key was the gateway's. */
async function openAll(
  open: LogHeads["openCheckpoint"],
  kept: readonly string[],
  come: readonly string[],
): Promise<SignedHead[]> {
  const found = new Map<string, SignedHead>();
  const known = new Set(kept);
  for (const note of new Set([...kept, ...come])) {
    const opened = await open(note);
    if (opened === undefined) continue;
    const { size, root, isCurrent } = opened;
    const isOwn = isCurrent || known.has(note);
    if (isOwn || !found.has(`${size} ${root}`)) found.set(`${size} ${root}`, { size, root, note, isOwn });
  }
  return [...found.values()];
}

function newest(heads: readonly SignedHead[]): SignedHead[] {
  const size = Math.max(0, ...heads.map((head) => head.size));
  return heads.filter((head) => head.size === size);
}
