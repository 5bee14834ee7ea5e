import { isDeepStrictEqual } from "node:util";
import { canonicalBytes } from "../domain/entry.ts";
import type { Finding, SignedFinding } from "../domain/finding.ts";
import { sha256, toHex, zeroHash } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import { recoverSigner } from "../domain/signature.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";
import { readAppended } from "./readAppended.ts";

/** One revision as the store has it: where lists find it, what was signed, and `body`, the entry that records it. */
export type StoredFinding = Omit<Finding, "finding" | "previous" | "gateway" | "nonce" | "at"> & {
  readonly digest: Hash;
  readonly finding: Hash;
  readonly revision: number;
  readonly index: number;
  readonly author: string;
  readonly at: string;
  readonly signed: SignedFinding;
  readonly body: string | null;
};

/** Throws `JournalUnavailable` if a revision is not what its regulator signed, or its entry does not record it. */
export type CheckFinding = (row: StoredFinding) => void;

/** @param hash The digest that is signed. */
export function createCheckFinding(
  journal: Pick<Journal, "digests">,
  hash: (finding: Finding) => Buffer,
): CheckFinding {
  return (row) => {
    const entry = readAppended(journal, row.index, row.body ?? undefined);
    // whoever could change the row could not change the entry: what it is of has the shape and the words that were recorded
    const isOfIt =
      entry.type === "datapact/trail/1" &&
      entry.act === "Found" &&
      entry.subject === toHex(sha256(canonicalBytes(row.signed)));
    if (!isOfIt) throw altered(row);
    const { finding, signature } = row.signed;
    const digest = hash(finding);
    const isSigned = recoverSigner(digest, signature) === entry.signer;
    if (!isSigned || !isDeepStrictEqual(told(row), meant(finding, toHex(digest), entry.actor))) throw altered(row);
  };
}

/** Throws `JournalUnavailable` unless these are the revisions of one finding from the first on, each after one of those before it. */
export function requireUnbroken(rows: readonly StoredFinding[]): void {
  const before = new Set<Hash>([zeroHash]);
  for (const [at, row] of rows.entries()) {
    if (row.revision !== at || !before.has(row.signed.finding.previous)) throw altered(row);
    if (at === 0) before.clear();
    before.add(row.digest);
  }
}

const altered = ({ index }: StoredFinding): JournalUnavailable =>
  new JournalUnavailable(new Error(`the finding of entry ${index} in the store is not the one that was signed`));

const told = ({ digest, finding, author, severity, state, text, entries, at }: StoredFinding) => ({
  digest,
  id: finding,
  author,
  severity,
  state,
  text,
  entries,
  at: Number(at),
});

const meant = ({ finding: id, severity, state, text, entries, at }: Finding, digest: Hash, author: string) => ({
  digest,
  id: id === zeroHash ? digest : id,
  author,
  severity,
  state,
  text,
  entries,
  at,
});
