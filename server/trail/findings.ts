import type pg from "pg";
import type { z } from "zod";
import type { findingHistory, findingPage, findingQuery, findingRecorded, findingSchema } from "../api/findings.ts";
import type { Actor } from "../domain/actor.ts";
import type { Finding, SignedFinding } from "../domain/finding.ts";
import { toHex, zeroHash } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import type { MerkleTree } from "../domain/merkle.ts";
import { recoverSigner } from "../domain/signature.ts";
import type { Journal } from "../journal/journal.ts";
import { CursorInvalid, equals, holdsText, where } from "../readmodel/page.ts";
import { toNamed } from "../readmodel/participants.ts";
import { toTime } from "../readmodel/time.ts";
import { SignInRefused } from "../session/refused.ts";
import { createCheckFinding, requireUnbroken, type StoredFinding } from "./checkFinding.ts";
import { FindingRefused } from "./findingRefused.ts";
import type { TrailIndex } from "./keepIndex.ts";
import type { RecordAct } from "./recordAct.ts";
import { type Here, seesAll } from "./scope.ts";

export type Findings = {
  /** Records one revision as an entry. Rejects with `FindingRefused` or `SignInRefused`. */
  readonly record: (signed: SignedFinding, actor: Actor) => Promise<z.output<typeof findingRecorded>>;
  readonly list: (asked: z.output<typeof findingQuery>, actor: Actor) => Promise<z.output<typeof findingPage>>;
  /** All revisions of a finding; undefined if there is none, or none that concerns who asks. */
  readonly history: (id: Hash, actor: Actor) => Promise<z.output<typeof findingHistory> | undefined>;
};

export type FindingsOptions = {
  readonly pool: pg.Pool;
  readonly index: Pick<TrailIndex, "caughtUp">;
  readonly hash: (finding: Finding) => Buffer;
  readonly recordAct: RecordAct;
  readonly journal: Pick<Journal, "digests"> & { readonly tree: Pick<MerkleTree, "size"> };
  readonly here: Here;
  /** Unix seconds. */
  readonly now: () => number;
};

type Row = StoredFinding & { readonly name: string | null };

const usualLimit = 50;
/** How old a signature may be, or how far ahead, in seconds. */
const window = 600;
const select = `SELECT f.digest, f.finding, f.revision, f.index::float8, f.author, f.severity, f.state, f.text, f.entries::float8[],
  f.at, f.signed, e.body, p.name FROM datapact.finding f LEFT JOIN datapact.entry e ON e.index = f.index
  LEFT JOIN datapact.participant p ON p.id = f.author`;

export function createFindings({ pool, index, hash, recordAct, journal, here, now }: FindingsOptions): Findings {
  /** Revisions are recorded one after the other, so that each follows the newest. */
  let last: Promise<unknown> = Promise.resolve();
  const requireAsSigned = createCheckFinding(journal, hash);

  const check = ({ finding, signature }: SignedFinding, actor: Actor): Hash => {
    const digest = hash(finding);
    if (actor.isDelegate) throw new SignInRefused("DelegateRefused");
    if (recoverSigner(digest, signature) !== actor.key) throw new FindingRefused("FindingSignerMismatch");
    if (finding.gateway !== here.gateway) throw new FindingRefused("FindingElsewhere");
    if (Math.abs(finding.at - now()) > window) throw new FindingRefused("FindingStale");
    const isSorted = finding.entries.every((entry, i) => i === 0 || entry > (finding.entries[i - 1] ?? entry));
    if (!isSorted || (finding.entries.at(-1) ?? 0) >= journal.tree.size())
      throw new FindingRefused("FindingEntriesInvalid");
    return toHex(digest);
  };

  const requireNewest = async ({ finding: id, previous }: Finding, digest: Hash): Promise<void> => {
    await index.caughtUp();
    const { rows } = await pool.query<{ digest: string }>(
      "SELECT digest FROM datapact.finding WHERE (finding = $1 AND newest) OR digest = $2",
      [id, digest],
    );
    const newest = rows.map((row) => row.digest);
    const isFirst = id === zeroHash && previous === zeroHash && newest.length === 0;
    if (!isFirst && (newest.length !== 1 || newest[0] !== previous || newest[0] === digest))
      throw new FindingRefused("FindingConflict");
  };

  const recordNext = async (signed: SignedFinding, actor: Actor) => {
    const digest = check(signed, actor);
    await requireNewest(signed.finding, digest);
    const about = { act: "Found", about: signed, entries: signed.finding.entries.length } as const;
    const { entry, receipt } = await recordAct(actor, about);
    const { finding: id } = signed.finding;
    return { id: id === zeroHash ? digest : id, digest, entry, receipt } as z.output<typeof findingRecorded>;
  };

  return Object.freeze<Findings>({
    record: (signed, actor) => {
      const next = last.then(() => recordNext(signed, actor));
      last = next.catch(() => undefined);
      return next;
    },
    list: async ({ cursor, limit: asked, entry, severity, state, text }, actor) => {
      if (!seesAll(actor, here)) return { items: [], next: null };
      await index.caughtUp();
      const limit = Number(asked ?? usualLimit);
      const { sql, values } = where([
        equals("f.severity", severity),
        equals("f.state", state),
        entry === undefined ? undefined : { sql: "f.entries @> ARRAY[$::bigint]", value: entry },
        holdsText(["f.text"], text),
        cursor === undefined ? undefined : { sql: "f.index < $", value: readIndex(cursor) },
      ]);
      const { rows } = await pool.query<Row>(
        `${select} WHERE f.newest AND ${sql} ORDER BY f.index DESC LIMIT ${limit + 1}`,
        values,
      );
      const shown = rows.slice(0, limit);
      shown.forEach(requireAsSigned);
      const items = shown.map(toItem);
      return { items, next: rows.length > limit ? Buffer.from(`f${items.at(-1)?.index}`).toString("base64url") : null };
    },
    history: async (id, actor) => {
      if (!seesAll(actor, here)) return undefined;
      await index.caughtUp();
      const { rows } = await pool.query<Row>(`${select} WHERE f.finding = $1 ORDER BY f.revision`, [id]);
      rows.forEach(requireAsSigned);
      requireUnbroken(rows);
      return rows.length === 0 ? undefined : { items: rows.map((row) => ({ ...toItem(row), signed: row.signed })) };
    },
  });
}

function readIndex(cursor: string): number {
  const [, index] = /^f(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (index === undefined) throw new CursorInvalid("the cursor is none");
  return Number(index);
}

function toItem({ finding: id, author, name, at, entries, ...row }: Row): z.output<typeof findingSchema> {
  const { digest, revision, index, severity, state, text } = row;
  const told = { digest, revision, index, severity, state, text, entries: [...entries] };
  return { ...told, id, author: toNamed(author, name), at: toTime(at) };
}
