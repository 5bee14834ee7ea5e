import { join } from "node:path";
import type { Space } from "../../server/chain/space.ts";
import { fileChallenge } from "../../server/client/challenges.ts";
import type { ParticipantId } from "../../server/domain/ids.ts";
import { type Alarm, alarmKinds } from "../../server/witness/alarms.ts";
import { askGateway } from "../../server/witness/askGateway.ts";
import { createHeldReader } from "../../server/witness/heldFiles.ts";
import { createHeldJudge } from "../../server/witness/judgeHeld.ts";
import { openNoteFolder } from "../../server/witness/noteFolder.ts";
import { openStateFile } from "../../server/witness/state.ts";
import { type Told, type WatchParts, watch } from "../../server/witness/watch.ts";
import { makeFolder } from "../support/folder.ts";
import type { TestSpace } from "../support/space.ts";

/** A witness as `datapact watch` runs it; each `look` is a process of its own that goes on from the state in its folder. */
export type TestWitness = {
  readonly folder: string;
  readonly told: Told[];
  /** One round; gives the codes of the alarms that stand. */
  readonly look: (options?: {
    readonly challenge?: boolean;
    readonly prove?: WatchParts["prove"];
  }) => Promise<string[]>;
  readonly standing: () => readonly Alarm[];
  /** Codes of all alarms ever told that accuse a gateway. */
  readonly accused: () => string[];
};

export type WitnessOptions = {
  readonly folder?: string;
  readonly folders?: readonly string[];
  readonly silentSeconds?: number;
  readonly overdueSeconds?: number;
  readonly finalityDepth?: number;
  /** Whether all looks are of one process. */
  readonly isOneProcess?: boolean;
  /** Through which node it looks. */
  readonly chain?: Space;
};

type Watched = { readonly id: ParticipantId; readonly url?: string };

export function createTestWitness(
  space: TestSpace,
  watched: readonly Watched[],
  options: WitnessOptions = {},
): TestWitness {
  const folder = options.folder ?? join(makeFolder("witness"), "watch");
  const told: Told[] = [];
  const chain = options.chain ?? space.founded.space;
  const kept = createHeldJudge(chain);
  const file: WatchParts["prove"] = (found) => fileChallenge(chain, space.founded.wallet("commission"), found);
  let standing: readonly Alarm[] = [];
  return {
    folder,
    told,
    look: async ({ challenge = false, prove = file } = {}) => {
      const parts = {
        space: chain,
        findGateways: async () => watched.map(({ id, url }) => ({ gateway: id, url })),
        finalityDepth: options.finalityDepth ?? 0,
        patience: { silentSeconds: options.silentSeconds ?? 120, overdueSeconds: options.overdueSeconds ?? 3_600 },
        ask: askGateway,
        readHeld: createHeldReader(options.folders ?? []),
        notes: openNoteFolder(join(folder, "notes")),
        held: options.isOneProcess === true ? kept : createHeldJudge(chain),
        onProgress: () => undefined,
        now: () => Math.floor(Date.now() / 1_000),
        file: openStateFile(folder),
        tell: (one: Told) => void told.push(one),
        prove: challenge ? prove : undefined,
      };
      standing = await watch(parts, undefined, new AbortController().signal);
      return standing.map(({ code }) => code).sort();
    },
    standing: () => standing,
    accused: () =>
      told.flatMap((one) => (one.level === "alarm" && alarmKinds[one.alarm.code].accuses ? [one.alarm.code] : [])),
  };
}
