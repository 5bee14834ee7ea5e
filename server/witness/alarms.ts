import type { ParticipantId } from "../domain/ids.ts";

/**
 * What a witness sounds an alarm about. `accuses` tells whether it says that a gateway has done wrong; the others may pass by themselves.
 * `lasts` tells whether it stands until somebody acknowledges it, since it will not be seen again.
 */
export const alarmKinds = {
  PromiseLate: {
    accuses: true,
    lasts: false,
    text: "an entry was promised by a time that is over, and is not anchored",
  },
  PromiseReplaced: { accuses: true, lasts: false, text: "another entry stands at an index that was promised" },
  PromiseEquivocation: { accuses: true, lasts: false, text: "one index was promised to two entries" },
  PromiseRedated: { accuses: true, lasts: true, text: "one entry was promised by two deadlines" },
  PromiseKeptLate: { accuses: false, lasts: true, text: "an entry was anchored after its deadline" },
  UseNotMetered: { accuses: true, lasts: true, text: "a permitted use was anchored and not counted for its agreement" },
  LogRewritten: { accuses: true, lasts: true, text: "entries that were anchored are others now" },
  LogShortened: {
    accuses: false,
    lasts: true,
    text: "what answers for the gateway tells of fewer entries than before: an old copy was restored, or somebody else answered",
  },
  HeadForked: { accuses: true, lasts: true, text: "the gateway signed a head that its log on chain has not" },
  HeadDisowned: {
    accuses: false,
    lasts: true,
    text: "a head that the log on chain has not is signed by a key that had ended: whoever had that key may have signed it",
  },
  HeadContradicted: {
    accuses: false,
    lasts: true,
    text: "what answers for the gateway shows, unsigned, a head that its log on chain has not",
  },
  EntriesHidden: { accuses: true, lasts: true, text: "entries were anchored in a way that hides their digests" },
  LogBreached: {
    accuses: true,
    lasts: false,
    text: "a broken promise was proven on chain, and no regulator has acknowledged it",
  },
  ChallengeFailed: {
    accuses: false,
    lasts: false,
    text: "the proof of a broken promise could not be filed on chain; it is tried again in each round",
  },
  CheckpointMissing: {
    accuses: false,
    lasts: false,
    text: "the gateway answers, and shows no signed head of its log: a fork could be proven to nobody",
  },
  AnchorOverdue: { accuses: false, lasts: false, text: "entries wait for the chain longer than they should" },
  GatewaySilent: { accuses: false, lasts: false, text: "the gateway does not answer" },
  GatewayMistaken: { accuses: false, lasts: false, text: "another gateway answers at this address" },
  EntriesLost: { accuses: false, lasts: false, text: "the chain has lost anchored entries, which are not back yet" },
  ChainWentBack: { accuses: false, lasts: true, text: "the chain replaced a block that counted as final" },
  ChainBehind: { accuses: false, lasts: false, text: "the node shows an older block than before" },
  ChainUnavailable: {
    accuses: false,
    lasts: false,
    text: "the chain's node does not answer, or what it shows does not hold together",
  },
  StateOutdated: { accuses: false, lasts: true, text: "the witness was started from an old copy of its own state" },
  FileUnreadable: {
    accuses: false,
    lasts: false,
    text: "a file that was handed in holds neither a receipt nor a checkpoint of these logs",
  },
} as const satisfies Readonly<Record<string, { accuses: boolean; lasts: boolean; text: string }>>;

export type AlarmCode = keyof typeof alarmKinds;
export const alarmCodes = Object.keys(alarmKinds) as AlarmCode[];

/** One alarm. Holds ids, digests, numbers and error texts of our own, never anything that a gateway or a file put into words. */
export type Alarm = {
  readonly code: AlarmCode;
  readonly gateway: ParticipantId | null;
  /** What of the gateway or of the witness it is about: an index, a size, a block. Two alarms of one code and subject are one. */
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number>>;
};

export const alarm = (
  code: AlarmCode,
  gateway: ParticipantId | null,
  subject: string | number,
  facts: Alarm["facts"] = {},
): Alarm => ({ code, gateway, subject: String(subject), facts });

export const keyOf = ({ code, gateway, subject }: Alarm): string => `${code} ${gateway ?? ""} ${subject}`;
