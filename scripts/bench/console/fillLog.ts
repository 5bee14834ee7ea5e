import { randomBytes } from "node:crypto";
import { getBytes } from "ethers";
import { canonicalBytes, entryDigest, type UsageEntry } from "../../../server/domain/entry.ts";
import { fromHex, toHex } from "../../../server/domain/hash.ts";
import type { Address, AgreementId, Hash, RequestDigest } from "../../../server/domain/ids.ts";
import type { Reason } from "../../../server/domain/reasons.ts";
import { createReceiptHasher } from "../../../server/domain/typedData.ts";
import { openJournal } from "../../../server/journal/journal.ts";
import { type EntryRow, openJournalStore } from "../../../server/store/journalStore.ts";
import { createBatchSigner } from "../../../server/usage/receipts.ts";
import { purpose } from "../../demo/story.ts";
import type { FoundedSpace } from "../../space/foundSpace.ts";

const day = 86_400_000;
const days = 60;
const reasons: readonly Reason[] = ["CohortTooSmall", "FieldOutsideLicense", "StatementRefused", "UsesExhausted"];

/**
 * Appends entries to the log of a space whose gateway does not run, as its gateway would have over the last sixty days: of two consumers under
 * these agreements, every fifth refused. The gateway anchors them when it starts.
 */
export async function fillLog(
  { space, wallet, id }: FoundedSpace,
  storeUrl: string,
  agreements: readonly AgreementId[],
  count: number,
): Promise<void> {
  const gateway = id("gateway");
  const { chainId, verifyingContract: accessLog } = space.domainOf("AccessLog");
  const now = (): number => Math.floor(Date.now() / 1_000);
  const hash = createReceiptHasher(space.domainOf("AccessLog"));
  const journal = await openJournal(
    () => openJournalStore(storeUrl, { gateway, chainId, accessLog }),
    () => undefined,
    createBatchSigner(gateway, getBytes(wallet("gateway").privateKey), hash, 86_400, now),
  );
  const block = await space.readHead();
  const signers = ["device-maker", "insurer"].map((key) => wallet(key).address.toLowerCase() as Address);
  const random = <T extends Hash>(): T => toHex(randomBytes(32)) as string as T;
  const makeRow = (i: number): EntryRow => {
    const agreement = agreements[i % agreements.length] as AgreementId;
    const isPermitted = i % 5 !== 0;
    const entry: UsageEntry = {
      type: "datapact/entry/1",
      gateway,
      time: new Date(Date.now() - days * day + Math.floor((i / count) * days * day)).toISOString(),
      request: toHex(randomBytes(32)) as string as RequestDigest,
      agreement,
      signer: signers[i % 7 === 0 ? 1 : 0] as Address,
      purpose,
      outcome: isPermitted ? "Permitted" : "Denied",
      reason: isPermitted ? null : (reasons[(i / 5) % reasons.length] as Reason),
      block: { number: block.number, hash: block.hash },
      result: isPermitted ? { digest: random(), bytes: 1_000 + (i % 977), rows: 1 + (i % 40) } : null,
      salt: random(),
    };
    return {
      digest: fromHex(entryDigest(entry)),
      request: fromHex(entry.request),
      agreement: fromHex(agreement),
      lineage: isPermitted ? fromHex(agreement) : null,
      body: canonicalBytes(entry).toString(),
      evidence: "{}",
    };
  };
  await Promise.all(Array.from({ length: count }, (_, i) => journal.append(makeRow(i))));
  await journal.close();
}
