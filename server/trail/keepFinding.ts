import type pg from "pg";
import type { TrailEntry } from "../domain/entry.ts";
import type { Finding, SignedFinding } from "../domain/finding.ts";
import { toHex, zeroHash } from "../domain/hash.ts";

/** Keeps a finding where lists find it, from the entry that records it and what was signed. */
export type KeepFinding = (client: pg.ClientBase, index: number, entry: TrailEntry, signed: string) => Promise<void>;

/** @param hash The digest that is signed. */
export function createKeepFinding(hash: (finding: Finding) => Buffer): KeepFinding {
  return async (client, index, entry, text) => {
    const { finding } = JSON.parse(text) as SignedFinding;
    const digest = toHex(hash(finding));
    const id = finding.finding === zeroHash ? digest : finding.finding;
    const { rowCount } = await client.query(
      `INSERT INTO datapact.finding (digest, finding, revision, index, author, severity, state, text, entries, at, signed, newest)
       SELECT $1, $2, count(*), $3, $4, $5, $6, $7, $8, $9, $10, true FROM datapact.finding WHERE finding = $2
       ON CONFLICT DO NOTHING`,
      [
        digest,
        id,
        index,
        entry.actor,
        finding.severity,
        finding.state,
        finding.text,
        finding.entries,
        finding.at,
        text,
      ],
    );
    // one that was kept already stays where it stands among the revisions
    if (rowCount === 0) return;
    await client.query("UPDATE datapact.finding SET newest = false WHERE finding = $1 AND newest AND digest <> $2", [
      id,
      digest,
    ]);
  };
}
