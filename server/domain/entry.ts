import canonicalize from "canonicalize";
import { sha256, toHex } from "./hash.ts";
import type { Address, AgreementId, EntryDigest, Hash, ParticipantId, RequestDigest } from "./ids.ts";
import type { Outcome, Reason } from "./reasons.ts";

/**
 * One audit event. Its canonical bytes are its JSON after RFC 8785 (JCS); its digest is their SHA-256. Numbers are safe integers,
 * times RFC 3339 in UTC with milliseconds. `salt` is random, so that the digest on chain tells nothing about the rest.
 */
export type Entry = {
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

/** Canonical JSON (RFC 8785) as UTF-8 bytes. The value must be plain JSON data. */
export function canonicalBytes(value: unknown): Buffer {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only JSON data has canonical bytes");
  return Buffer.from(text);
}

export function entryDigest(entry: Entry): EntryDigest {
  return toHex<EntryDigest>(sha256(canonicalBytes(entry)));
}
