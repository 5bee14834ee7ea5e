import type { Description } from "../domain/dataset.ts";
import type { Entry } from "../domain/entry.ts";
import type { Address, AgreementId, Hash, Hex, ParticipantId } from "../domain/ids.ts";
import type { Manifest } from "../domain/manifest.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Result } from "../domain/result.ts";
import type { Capacity, Terms } from "../domain/terms.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import type { ParticipantRecord } from "./keyHistory.ts";
import type { BlockFacts } from "./verifyLog.ts";

/**
 * The lines of an evidence bundle, each canonical JSON and a newline, in this order: one header, participants, agreements, heads, entries,
 * one end, then signatures, each after the record of whose it is. A signature covers all bytes before its line.
 */
export type BundleLine =
  | BundleHeader
  | BundleParticipant
  | BundleAgreement
  | BundleHead
  | BundleEntry
  | BundleEnd
  | BundleSignature;

/** The log that the bundle is about, and the head under which all its entries stand. */
export type BundleHeader = {
  readonly type: "datapact/bundle/1";
  readonly manifest: Manifest;
  readonly gateway: ParticipantId;
  /** Up to which block participants and agreements are told. */
  readonly asOf: BlockFacts;
  readonly head: {
    readonly start: number;
    readonly size: number;
    readonly root: Hash;
    readonly block: BlockFacts;
    readonly transaction: Hash;
    /** The signed transaction that appended the batch, as it went over the wire: the gateway's own word for the entries of that batch. What came before, it does not sign. */
    readonly raw: Hex;
    /** Roots of the largest complete subtrees of the first `start` entries, from left to right. */
    readonly peaks: readonly Hash[];
  };
};

export type BundleParticipant = { readonly type: "participant" } & ParticipantRecord;

/** Terms as they are signed, wide numbers as text. */
export type PlainTerms = {
  readonly [Name in keyof Terms]: Terms[Name] extends bigint ? string : Terms[Name];
};

export type BundleAgreement = {
  readonly type: "agreement";
  readonly id: AgreementId;
  readonly terms: PlainTerms;
  readonly policy: string;
  /** The description that the terms refer to; null if it was never published. */
  readonly description: Description | null;
  /** How many regulators had to approve it when it was finalized; null while it was not. */
  readonly approvals: number | null;
  readonly signatures: readonly {
    readonly capacity: Capacity;
    readonly signer: ParticipantId;
    readonly key: Address;
    readonly signature: Hex;
    readonly block: BlockFacts;
  }[];
  /** What else happened to it, in the order of the chain; `capacity` is null where the event has none. */
  readonly events: readonly { readonly name: string; readonly capacity: Capacity | null; readonly block: BlockFacts }[];
};

/** A batch in which entries of the bundle were anchored, and the path from its head to that of the header. */
export type BundleHead = {
  readonly type: "head";
  readonly start: number;
  readonly size: number;
  readonly root: Hash;
  readonly block: BlockFacts;
  readonly transaction: Hash;
  readonly consistency: readonly Hash[];
};

/** An entry, its path to the head of the header, and what its consumer added: receipt, signed request, result. */
export type BundleEntry = {
  readonly type: "entry";
  readonly index: number;
  readonly entry: Entry;
  readonly path: readonly Hash[];
  readonly receipt?: Receipt;
  readonly signed?: SignedRequest;
  readonly result?: Result;
};

/**
 * `range` says that all entries from its first index to before its second are here; null if they are a selection. `period` says that these
 * have all that were recorded from its first second to before its second one; null if that is not meant.
 */
export type BundleEnd = {
  readonly type: "end";
  readonly entries: number;
  readonly range: { readonly from: number; readonly until: number } | null;
  readonly period: { readonly from: number; readonly until: number } | null;
};

/** Who vouches for what the bundle tells of the chain. */
export type BundleSignature = {
  readonly type: "signature";
  readonly participant: ParticipantId;
  readonly key: Address;
  readonly madeAt: number;
  readonly signature: Hex;
};

/** Terms with their wide numbers as such. */
export function wideTerms(terms: PlainTerms): Terms {
  return { ...terms, fields: BigInt(terms.fields), maxUses: BigInt(terms.maxUses), maxRows: BigInt(terms.maxRows) };
}

export function plainTerms(terms: Terms): PlainTerms {
  return { ...terms, fields: String(terms.fields), maxUses: String(terms.maxUses), maxRows: String(terms.maxRows) };
}

/** Whether an agreement was in force after a block, as its events tell: finalized, not ended, suspended by nobody. */
export function stoodAfter(events: BundleAgreement["events"], block: number): boolean {
  const stops = new Set<Capacity | null>();
  let [finalized, ended] = [false, false];
  for (const { name, capacity } of events.filter((event) => event.block.number <= block)) {
    if (name === "AgreementFinalized") finalized = true;
    if (name === "AgreementSuspended") stops.add(capacity);
    if (name === "AgreementReinstated") stops.delete(capacity);
    if (name === "AgreementTerminated" || name === "AgreementReplaced") ended = true;
  }
  return finalized && !ended && stops.size === 0;
}
