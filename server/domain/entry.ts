import canonicalize from "canonicalize";
import { sha256, toHex } from "./hash.ts";
import type { Address, AgreementId, EntryDigest, Hash, ParticipantId, RequestDigest } from "./ids.ts";
import type { Outcome, Reason } from "./reasons.ts";
import type { TrailAct } from "./trailAct.ts";

/**
 * One audit event; `type` tells of which kind and in which shape. Its canonical bytes are its JSON after RFC 8785 (JCS); its digest is
 * their SHA-256. Numbers are safe integers, times RFC 3339 in UTC with milliseconds. `salt` is random, so that the digest on chain tells
 * nothing about the rest.
 */
export type Entry = UsageEntry | TrailEntry;

/** A request to use data, and what became of it. */
export type UsageEntry = {
  readonly type: "datapact/entry/1";
  readonly gateway: ParticipantId;
  readonly time: string;
  readonly request: RequestDigest;
  readonly agreement: AgreementId;
  readonly signer: Address;
  readonly purpose: string;
  readonly outcome: Outcome;
  /** Null if permitted. */
  readonly reason: Reason | null;
  /** The block under which the policy was asked; null if it could not be or was not asked. */
  readonly block: { readonly number: number; readonly hash: Hash } | null;
  /** SHA-256 and length of the result's canonical bytes, and its rows; null if nothing was released. */
  readonly result: { readonly digest: Hash; readonly bytes: number; readonly rows: number } | null;
  readonly salt: Hash;
};

/** An act upon the trail itself. It uses no data, so it counts for no agreement. */
export type TrailEntry = {
  readonly type: "datapact/trail/1";
  readonly gateway: ParticipantId;
  readonly time: string;
  readonly act: TrailAct;
  /** Who did it, and with which key. */
  readonly actor: ParticipantId;
  readonly signer: Address;
  /** SHA-256 of the canonical bytes of what it was about: the filter of what was read, or the finding. */
  readonly subject: Hash;
  /** How many entries it shows, or names. */
  readonly entries: number;
  /** The block under which the actor's key and role were asked. */
  readonly block: { readonly number: number; readonly hash: Hash };
  readonly salt: Hash;
};

/** Canonical JSON (RFC 8785) as UTF-8 bytes. The value must be plain JSON data. */
export function canonicalBytes(value: unknown): Buffer {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only JSON data has canonical bytes");
  return Buffer.from(text);
}

export function entryDigest(entry: Entry): EntryDigest {
  return toHex<EntryDigest>(sha256(canonicalBytes(entry)));
}
