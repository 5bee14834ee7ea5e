import type { Address, ParticipantId } from "../domain/ids.ts";

/** From when until when, half-open in unix seconds, a key acted for a participant; `until` is null while nothing ends it. */
export type KeyPeriod = {
  readonly key: Address;
  readonly from: number;
  readonly until: number | null;
  readonly isDelegate: boolean;
};

/** What happened to the keys of one participant, with the time of its block; in the order of the chain. */
export type KeyEvent = { readonly time: number } & (
  | { readonly name: "ParticipantAdmitted"; readonly key: Address }
  | { readonly name: "KeyRotated"; readonly previous: Address; readonly current: Address }
  | { readonly name: "DelegateAuthorized"; readonly delegate: Address; readonly validUntil: number }
  | { readonly name: "DelegateRevoked"; readonly delegate: Address }
);

/** The keys of one participant, in the order in which they began. */
export function keyPeriods(events: readonly KeyEvent[]): KeyPeriod[] {
  const periods: KeyPeriod[] = [];
  const end = (key: Address, until: number): void => {
    const at = periods.findLastIndex((period) => period.key === key);
    const period = periods[at];
    if (period !== undefined) periods[at] = { ...period, until };
  };
  for (const event of events) {
    const { time: from } = event;
    if (event.name === "ParticipantAdmitted") periods.push({ key: event.key, from, until: null, isDelegate: false });
    if (event.name === "KeyRotated") {
      end(event.previous, from);
      periods.push({ key: event.current, from, until: null, isDelegate: false });
    }
    if (event.name === "DelegateRevoked") end(event.delegate, from);
    if (event.name === "DelegateAuthorized") {
      const { delegate: key, validUntil: until } = event;
      const isRenewal = periods.some((period) => period.key === key && (period.until ?? until) > from);
      if (isRenewal) end(key, until);
      else periods.push({ key, from, until, isDelegate: true });
    }
  }
  return periods;
}

/** Whether a key acted at a time, in unix seconds. */
export function actedAt(periods: readonly KeyPeriod[], key: Address, time: number): boolean {
  return periods.some((period) => period.key === key && period.from <= time && time < (period.until ?? Infinity));
}

/** Whether a key can have acted in a block: several may bear the time at which a key ended, and the first of them be its own still. */
export function actedInBlock(periods: readonly KeyPeriod[], key: Address, time: number): boolean {
  return actedAt(periods, key, time) || actedAt(periods, key, time - 1);
}

/** A participant as the chain's events tell it. */
export type ParticipantRecord = {
  readonly id: ParticipantId;
  readonly registrationNumber: string;
  readonly name: string;
  /** Bits: Hospital 1, Consumer 2, Regulator 4, Gateway 8. */
  readonly roles: number;
  /** For which hospital a gateway acts; null for all others. */
  readonly hospital: ParticipantId | null;
  readonly keys: readonly KeyPeriod[];
};

/** A record without what can have happened from a time on, so that records that were read at different times can be compared. */
export function recordAt(record: ParticipantRecord, time: number): ParticipantRecord {
  const keys = record.keys
    .filter(({ from }) => from < time)
    .map((period) => ({ ...period, until: period.until === null || period.until >= time ? null : period.until }));
  return { ...record, keys };
}
