import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { bytes32, indexSchema } from "../api/primitives.ts";
import { writeDurably } from "../client/durableFile.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import { parseJson } from "../domain/json.ts";
import { type AlarmCode, alarmCodes } from "./alarms.ts";

const headSchema = z.strictObject({ size: indexSchema, root: bytes32() });
const alarmSchema = z.strictObject({
  code: z.enum(alarmCodes as [AlarmCode, ...AlarmCode[]]),
  gateway: bytes32<ParticipantId>().nullable(),
  subject: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
});

const logSchema = z.strictObject({
  /** Up to which block the log was followed, what it held then, and the nodes at the edge of its tree. */
  block: indexSchema,
  size: indexSchema,
  edge: z.array(bytes32()),
  /** The largest head that was ever seen on chain. */
  largest: headSchema.nullable(),
  /** Most entries that the gateway ever told of, and since when it waits for which of them to be anchored; unix seconds. */
  appended: indexSchema,
  waiting: z.strictObject({ size: indexSchema, since: indexSchema }).nullable(),
  /** When it answered last; 0 if it never has. Unix seconds. */
  heardAt: indexSchema,
  /** Since when it answers without a head of its anchored log that it signed; null while it shows one. */
  unsignedSince: indexSchema.nullable().default(null),
});

const stateSchema = z.strictObject({
  version: z.literal(1),
  rounds: indexSchema,
  /** The newest block that counted as final. */
  seen: z.strictObject({ number: indexSchema, hash: bytes32() }).nullable(),
  logs: z.record(z.string(), logSchema),
  /** Alarms that stand. */
  standing: z.array(alarmSchema),
});

/** What a witness knows of one log. */
export type WatchedLog = z.output<typeof logSchema>;
/** All that a witness remembers between its rounds. */
export type WatchState = z.output<typeof stateSchema>;

export const newLog: WatchedLog = {
  block: 0,
  size: 0,
  edge: [],
  largest: null,
  appended: 0,
  waiting: null,
  heardAt: 0,
  unsignedSince: null,
};

export type StateFile = {
  /** Reads the state; a fresh one if there is none. `isOutdated` tells that a newer one was here. Throws if it cannot be read. */
  readonly read: () => { readonly state: WatchState; readonly isOutdated: boolean };
  readonly write: (state: WatchState) => void;
};

/** How many rounds this state has seen is kept beside the folder too, so that an old copy of the folder is noticed. */
export function openStateFile(folder: string): StateFile {
  const file = join(folder, "state.json");
  const mark = `${folder}.rounds`;
  return {
    read: () => {
      const marked = existsSync(mark) ? Number(readFileSync(mark, "utf8")) : 0;
      if (!existsSync(file))
        return { state: { version: 1, rounds: 0, seen: null, logs: {}, standing: [] }, isOutdated: marked > 0 };
      const parsed = stateSchema.safeParse(parseJson(readFileSync(file, "utf8")));
      if (!parsed.success)
        throw new Error(
          `${file} is not the state of a witness. Restore it, or delete it: the logs are then followed from their start.`,
        );
      return { state: parsed.data, isOutdated: marked > parsed.data.rounds };
    },
    write: (state) => {
      writeDurably(file, JSON.stringify(state));
      writeDurably(mark, String(state.rounds));
    },
  };
}

/** The log of a gateway in a state, as it is or fresh. */
export const logIn = (state: WatchState, gateway: ParticipantId): WatchedLog => state.logs[gateway] ?? newLog;

export type KnownHead = { readonly size: number; readonly root: Hash };
