import { zeroHash } from "../domain/hash.ts";
import { rolesOf } from "../domain/roles.ts";
import type { ProjectedEvent } from "./projectedEvent.ts";

/** When a key acts for a participant, half-open, unix seconds; `until` is null while no end is set. */
export type KeyRow = {
  readonly key: string;
  readonly from: number;
  readonly until: number | null;
  readonly delegate: boolean;
};

/** What the store keeps of a participant (`datapact.participant`). Times are unix seconds. */
export type ParticipantRow = {
  readonly id: string;
  readonly block: number;
  readonly log_index: number;
  readonly registration_number: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly hospital: string | null;
  readonly key: string;
  readonly keys: readonly KeyRow[];
  readonly admitted_at: number;
  readonly suspended_at: number | null;
};

type Change = (row: ParticipantRow, event: ProjectedEvent) => ParticipantRow;

const changes: Readonly<Record<string, Change>> = {
  ParticipantSuspended: (row, { time }) => ({ ...row, suspended_at: time }),
  ParticipantReinstated: (row) => ({ ...row, suspended_at: null }),
  KeyRotated: (row, { args, time }) => ({
    ...row,
    key: String(args.current),
    keys: [
      ...ended(row.keys, String(args.previous), time),
      { key: String(args.current), from: time, until: null, delegate: false },
    ],
  }),
  DelegateAuthorized: (row, { args, time }) => {
    const [key, until] = [String(args.delegate), Number(args.validUntil)];
    const isKnown = row.keys.some((known) => known.key === key);
    if (isKnown) return { ...row, keys: ended(row.keys, key, until) };
    return { ...row, keys: [...row.keys, { key, from: time, until, delegate: true }] };
  },
  DelegateRevoked: (row, { args, time }) => ({ ...row, keys: ended(row.keys, String(args.delegate), time) }),
};

function ended(keys: readonly KeyRow[], key: string, until: number): KeyRow[] {
  return keys.map((known) => (known.key === key ? { ...known, until } : known));
}

/** Folds the events of one participant, in order, into its row; undefined if it was never admitted. */
export function foldParticipant(events: readonly ProjectedEvent[]): ParticipantRow | undefined {
  let row: ParticipantRow | undefined;
  for (const event of events) {
    if (event.name === "ParticipantAdmitted") row = admitted(event);
    else if (row !== undefined) row = changes[event.name]?.(row, event) ?? row;
  }
  return row;
}

function admitted({ subject, block, logIndex, time, args }: ProjectedEvent): ParticipantRow {
  return {
    id: subject,
    block,
    log_index: logIndex,
    registration_number: String(args.registrationNumber),
    name: String(args.name),
    roles: rolesOf(Number(args.roles)),
    hospital: args.hospital === zeroHash ? null : String(args.hospital),
    key: String(args.key),
    keys: [{ key: String(args.key), from: time, until: null, delegate: false }],
    admitted_at: time,
    suspended_at: null,
  };
}
