import { entryDigest } from "../domain/entry.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { AgreementId } from "../domain/ids.ts";
import { rootFromPath } from "../domain/merkle.ts";
import type { BundleAgreement, BundleEntry, BundleHeader } from "./bundle.ts";
import { type FindParticipant, problemOfUse } from "./bundleAgreement.ts";
import type { Note } from "./bundleChecks.ts";
import type { BundleHeads } from "./bundleHeads.ts";
import { receiptProblem } from "./bundleReceipt.ts";

/** What is known elsewhere in the bundle. */
type Known = {
  readonly heads: BundleHeads;
  readonly find: FindParticipant;
  readonly agreementOf: (id: AgreementId) => BundleAgreement | undefined;
};

/** What the entries of a bundle come to. Indices are -1 and times empty while there are none; `isWhole` says that no index is missing. */
export type SeenEntries = {
  readonly entries: number;
  readonly uses: number;
  readonly first: number;
  readonly last: number;
  readonly isWhole: boolean;
  readonly earliest: string;
  readonly latest: string;
  /** Of the last one: when it was recorded, and when its batch came onto the chain; unix seconds. */
  readonly end: { readonly time: number; readonly anchored: number | undefined } | undefined;
};

export const noEntries: SeenEntries = {
  entries: 0,
  uses: 0,
  first: -1,
  last: -1,
  isWhole: true,
  earliest: "",
  latest: "",
  end: undefined,
};

/** Checks the next entry, and gives what all of them come to now. */
export function takeEntry(
  seen: SeenEntries,
  line: BundleEntry,
  top: BundleHeader,
  { heads, find, agreementOf }: Known,
  note: Note,
): SeenEntries {
  const { index, entry, path, receipt } = line;
  const told = `entry ${index}`;
  if (index <= seen.last) note("form", `${told} is out of order`);
  if (entry.gateway !== top.gateway) note("entries", `${told} is another gateway's`);
  const root = rootFromPath(fromHex(entryDigest(entry)), index, top.head.size, path.map(fromHex));
  if (root === undefined || toHex(root) !== top.head.root) note("entries", `${told} does not stand at its index`);
  const batch = heads.batchOf(index);
  if (batch === undefined) note("heads", `the batch of ${told} is missing`);
  note("receipts", receiptProblem(line, top, find(top.gateway)?.keys ?? []));
  if (receipt !== undefined && batch !== undefined && batch.block.time >= receipt.deadline)
    note("promises", `${told} was anchored after its deadline`);
  const isUse = entry.type === "datapact/entry/1";
  if (isUse && entry.outcome === "Permitted") {
    const problem = problemOfUse(entry, agreementOf(entry.agreement), find);
    note("uses", problem && `${told}: ${problem}`);
  }
  return {
    entries: seen.entries + 1,
    uses: seen.uses + (isUse ? 1 : 0),
    first: seen.entries === 0 ? index : seen.first,
    last: index,
    isWhole: seen.isWhole && (seen.entries === 0 || index === seen.last + 1),
    earliest: seen.earliest === "" || entry.time < seen.earliest ? entry.time : seen.earliest,
    latest: entry.time > seen.latest ? entry.time : seen.latest,
    end: { time: Date.parse(entry.time) / 1_000, anchored: batch?.block.time },
  };
}
