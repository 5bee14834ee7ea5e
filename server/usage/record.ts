import { randomBytes } from "node:crypto";
import type { Head } from "../chain/head.ts";
import { canonicalBytes, entryDigest, type UsageEntry } from "../domain/entry.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Address, AgreementId, Hash, ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { SignedRequest } from "../domain/usageRequest.ts";
import type { Journal } from "../journal/journal.ts";
import type { WriteReceipt } from "./receipts.ts";

/** A request whose signer is known. */
export type Authenticated = {
  readonly signed: SignedRequest;
  readonly digest: RequestDigest;
  readonly signer: Address;
};

/** What an entry tells of a request. `lineage` is the chain of agreements that a permitted use counts under; null if it is none. */
export type Told = Pick<UsageEntry, "outcome" | "reason" | "result"> & {
  readonly head: Head | null;
  readonly lineage: AgreementId | null;
};

/** Makes one entry durable and gives it with its receipt. Rejects with `JournalUnavailable` if it may not be. */
export type Record = (
  request: Authenticated,
  told: Told,
) => Promise<{ readonly entry: UsageEntry; readonly receipt: Receipt }>;

export function createRecord(
  gateway: ParticipantId,
  append: Journal["append"],
  writeReceipt: WriteReceipt,
  now: () => Date,
): Record {
  return async ({ signed, digest, signer }, { head, lineage, ...told }) => {
    const { agreement, purpose } = signed.request;
    const entry: UsageEntry = {
      type: "datapact/entry/1",
      gateway,
      time: now().toISOString(),
      request: digest,
      agreement,
      signer,
      purpose,
      ...told,
      block: head && { number: head.number, hash: head.hash },
      salt: toHex<Hash>(randomBytes(32)),
    };
    const appended = await append({
      digest: fromHex(entryDigest(entry)),
      request: fromHex(digest),
      agreement: fromHex(agreement),
      lineage: lineage && fromHex(lineage),
      body: canonicalBytes(entry).toString(),
      evidence: JSON.stringify(signed),
    });
    return { entry, receipt: writeReceipt(appended) };
  };
}
