import { askHead } from "../chain/head.ts";
import { ContractRefused } from "../chain/revert.ts";
import type { Space } from "../chain/space.ts";
import { type Challenge, findChallenges, type Judged, simulateChallenge } from "../client/challenges.ts";
import type { ParticipantId } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";
import { type Alarm, type AlarmCode, alarm } from "./alarms.ts";
import { readAppend } from "./followLog.ts";
import type { HeldReceipt } from "./heldFiles.ts";
import type { LogHeads } from "./logHeads.ts";
import type { WatchedLog } from "./state.ts";

export type JudgedHeld = { readonly alarms: readonly Alarm[]; readonly challenges: readonly Challenge[] };

/** Judges the receipts that are held of one gateway, by its log as it was followed. */
export type JudgeHeld = (
  gateway: ParticipantId,
  log: WatchedLog,
  heads: LogHeads,
  held: readonly HeldReceipt[],
) => Promise<JudgedHeld>;

/** By how many seconds receipts of one entry may differ in their deadlines: releases that kept no promises dated them anew. */
const mostRedated = 60;

/**
 * Makes the judge. What is settled for good is remembered, so that each receipt is held against the log once; only after all of a round
 * could be asked, since its alarms are told only then.
 */
export function createHeldJudge(space: Space): { readonly judge: JudgeHeld; readonly forget: () => void } {
  const settled = new Map<string, "Kept" | "Unsigned">();
  const judge: JudgeHeld = async (gateway, log, heads, held) => {
    const { time } = await space.readHead();
    const settling = new Map(settled);
    const own = unique(held.filter(({ receipt }) => receipt.gateway === gateway));
    const open = own.filter(({ receipt }) => !settled.has(idOf(receipt)));
    const places = new Set(open.map(({ receipt }) => receipt.index));
    // those that share an index with an open one may show that it was promised twice
    const toJudge = own.filter(({ receipt }) => places.has(receipt.index)).map(({ receipt }) => receipt);
    const judged = await findChallenges(space, toJudge, {
      isProven: (receipt) => settled.get(idOf(receipt)) === "Kept",
    });
    const alarms: Alarm[] = [];
    const challenges: Challenge[] = [];
    const fresh: Receipt[] = [];
    const asked = new Set<string>();
    for (const one of judged) {
      const { receipt, verdict, challenge } = one;
      // what the chain has lost is not the gateway's fault; it comes back
      if (verdict === "Late" && receipt.index < (log.largest?.size ?? 0)) continue;
      if (challenge !== undefined) {
        const key = `${challenge.fault} ${receipt.index}`;
        if (asked.has(key)) continue;
        asked.add(key);
        const answer = await whatContractSays(space, challenge);
        if (answer === "refused") continue;
        if (answer === "taken") challenges.push(challenge);
        alarms.push(
          alarm(codes[challenge.fault], gateway, receipt.index, { entry: receipt.entry, deadline: receipt.deadline }),
        );
      }
      if (verdict === "Kept" && receipt.index < log.size) fresh.push(receipt);
      // keys change from a block's time on: the past of a block is told by it for good
      if (verdict === "Unsigned" && receipt.issuedAt < time) settling.set(idOf(receipt), verdict);
    }
    alarms.push(...redated(gateway, judged));
    for (const receipt of fresh.filter((one) => !settling.has(idOf(one)))) {
      alarms.push(...(await keptLate(space, gateway, receipt, heads)));
      settling.set(idOf(receipt), "Kept");
    }
    alarms.push(...(await notMetered(space, gateway, heads, fresh, own, settling)));
    for (const [id, verdict] of settling) settled.set(id, verdict);
    return { alarms, challenges };
  };
  return { judge, forget: () => settled.clear() };
}

/**
 * Nobody is accused of what the contract would not take as proven: it judges by the chain's clock, and does not hold an acknowledged breach
 * against a log again. A log that is stopped takes no proof, which says nothing about this one.
 */
async function whatContractSays(space: Space, challenge: Challenge): Promise<"taken" | "refused" | "stopped"> {
  try {
    await simulateChallenge(space, challenge);
    return "taken";
  } catch (error) {
    if (!(error instanceof ContractRefused)) throw error;
    return error.error === "LogBreached" ? "stopped" : "refused";
  }
}

const codes: { readonly [F in Challenge["fault"]]: AlarmCode } = {
  Late: "PromiseLate",
  Replaced: "PromiseReplaced",
  Equivocation: "PromiseEquivocation",
};

const idOf = ({ gateway, index, entry, issuedAt, deadline, signature }: Receipt): string =>
  [gateway, index, entry, issuedAt, deadline, signature].join(" ");

function unique(held: readonly HeldReceipt[]): HeldReceipt[] {
  const found = new Map<string, HeldReceipt>();
  for (const one of held) {
    const id = idOf(one.receipt);
    if (found.get(id)?.use === undefined) found.set(id, one);
  }
  return [...found.values()];
}

function redated(gateway: ParticipantId, judged: readonly Judged[]): Alarm[] {
  const signed = judged.filter(({ verdict }) => verdict !== "Unsigned").map(({ receipt }) => receipt);
  const byEntry = Map.groupBy(signed, ({ index, entry }) => `${index} ${entry}`);
  return [...byEntry.values()].flatMap((own) => {
    const deadlines = own.map(({ deadline }) => deadline);
    const [first, last] = [Math.min(...deadlines), Math.max(...deadlines)];
    const [receipt] = own;
    if (receipt === undefined || last - first <= mostRedated) return [];
    return [alarm("PromiseRedated", gateway, receipt.index, { entry: receipt.entry, first, last })];
  });
}

async function keptLate(
  space: Space,
  gateway: ParticipantId,
  { index, deadline }: Receipt,
  heads: LogHeads,
): Promise<Alarm[]> {
  const batch = await heads.batchOf(index);
  if (batch === undefined) return [];
  const { time } = await askHead(space.send, batch.block);
  return time > deadline ? [alarm("PromiseKeptLate", gateway, index, { deadline, anchoredAt: time })] : [];
}

/** Each permitted use that is held must be counted by the batch that anchors it. */
async function notMetered(
  space: Space,
  gateway: ParticipantId,
  heads: LogHeads,
  fresh: readonly Receipt[],
  own: readonly HeldReceipt[],
  settled: ReadonlyMap<string, string>,
): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  const looked = new Set<number>();
  for (const { index } of fresh) {
    const batch = await heads.batchOf(index);
    if (batch === undefined || looked.has(batch.start)) continue;
    looked.add(batch.start);
    const { uses } = await readAppend(space, batch.transaction, batch.start);
    const inBatch = own.filter(({ receipt, use }) => {
      const isIn = batch.start <= receipt.index && receipt.index < batch.size;
      return isIn && use !== undefined && settled.get(idOf(receipt)) === "Kept";
    });
    for (const [agreement, held] of Map.groupBy(inBatch, ({ use }) => use ?? "")) {
      const indices = new Set(held.map(({ receipt }) => receipt.index));
      const metered = uses.get(agreement) ?? 0;
      if (indices.size > metered)
        alarms.push(
          alarm("UseNotMetered", gateway, `${batch.start} ${agreement}`, { agreement, held: indices.size, metered }),
        );
    }
  }
  return alarms;
}
