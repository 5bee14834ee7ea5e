import type { UsageEntry } from "../domain/entry.ts";
import { sha256, toHex } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import { marksIn, queryMark } from "../domain/queryMark.ts";
import type { LogRecord } from "./logRecord.ts";
import { type GovernedName, mentions } from "./mentions.ts";
import { createAudits } from "./audits.ts";
import { type LoggedStatement, statementOf } from "./statementOf.ts";

/** What is at odds between the database's log and the entries. */
export const oddities = {
  Bypassed: "Another login than the gateway's used governed data: no entry accounts for it.",
  UnknownSession: "Governed data was used, and the log does not tell by which login: no entry accounts for it.",
  MarkMissing: "The gateway's login used governed data without the mark of a request: somebody else has its password.",
  MarkUnknown: "The gateway's login used governed data under a mark that no entry of that time bears.",
  MarkRepeated: "One request's mark stands at more than one execution.",
  StatementMissing: "An entry says that data left, and the log has no statement of it: the log is not whole.",
} as const;
export type Oddity = keyof typeof oddities;

/** One thing that is at odds. The statement itself is told as its SHA-256 alone, unless its text is asked for: it may name patients. */
export type Unaccounted = {
  readonly oddity: Oddity;
  readonly time: string;
  readonly user: string | null;
  readonly application: string | null;
  readonly session: string | null;
  readonly relations: readonly string[];
  readonly statement: Hash | null;
  readonly text?: string;
  /** Of the request whose mark it bears, or whose statement is missing. */
  readonly mark: string | null;
};

export type Reconciled = {
  readonly records: number;
  /** Statements on governed data: all, those that entries account for, and those of logins that were left out. */
  readonly statements: number;
  readonly accounted: number;
  readonly leftOut: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly unaccounted: readonly Unaccounted[];
};

export type ReconcileOptions = {
  readonly names: readonly GovernedName[];
  /** The login of the gateway. */
  readonly login: string;
  /** Logins that use the same tables for the hospital's own care. */
  readonly leftOut: ReadonlySet<string>;
  /** The database, where one server's log tells of several. */
  readonly database: string | undefined;
  readonly withText: boolean;
};

/** How far the times of a statement and of its entry may lie apart: a statement's time is its end, an entry's that of its answer. */
const mostApartMs = 600_000;
/** So near an entry's time a statement stands that pgaudit alone tells of, which shows no marks. */
const nearMs = 60_000;
/** So near the ends of the log a statement may stand beyond them. */
const edgeMs = 30_000;

/**
 * Compares records of the database's log with entries. Every statement on governed data must be the only one under the mark of a request that
 * an entry records at that time; every entry whose data left must have its statement.
 */
export async function reconcile(
  records: AsyncIterable<LogRecord>,
  entries: AsyncIterable<UsageEntry>,
  { names, login, leftOut, database, withText }: ReconcileOptions,
): Promise<Reconciled> {
  const byMark = new Map<string, { readonly time: number; readonly isPermitted: boolean; seen: number }>();
  for await (const { request, time, outcome } of entries)
    byMark.set(queryMark(request), { time: Date.parse(time), isPermitted: outcome === "Permitted", seen: 0 });

  const unaccounted: Unaccounted[] = [];
  const counted = { records: 0, statements: 0, leftOut: 0 };
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const audits = createAudits();

  const judge = (statement: LoggedStatement): Oddity | undefined => {
    if (statement.user === undefined || statement.user === "") return "UnknownSession";
    if (statement.user !== login) return "Bypassed";
    if (statement.by === "log") audits.tell(statement);
    const [mark] = marksOf(statement);
    if (mark === undefined) return statement.isContinued ? undefined : "MarkMissing";
    const entry = byMark.get(mark);
    if (entry === undefined || Math.abs(entry.time - statement.time) > mostApartMs) return "MarkUnknown";
    if (statement.isContinued) return undefined;
    entry.seen += 1;
    return entry.seen > 1 ? "MarkRepeated" : undefined;
  };

  for await (const record of records) {
    counted.records += 1;
    from = Math.min(from, record.time);
    until = Math.max(until, record.time);
    const statement = statementOf(record);
    if (statement === undefined || (database !== undefined && statement.database && statement.database !== database))
      continue;
    const relations = mentions(statement.text, names);
    if (relations.length === 0) continue;
    counted.statements += 1;
    if (statement.user !== undefined && leftOut.has(statement.user)) {
      counted.leftOut += 1;
      continue;
    }
    const isUnmarked = statement.user === login && statement.by === "pgaudit" && marksOf(statement).length === 0;
    if (isUnmarked) {
      audits.keep(statement, relations);
      continue;
    }
    const oddity = judge(statement);
    if (oddity !== undefined) unaccounted.push(describe(oddity, statement, relations, withText));
  }
  for (const { statement, relations } of audits.untold()) {
    const entry = [...byMark.values()].find(
      ({ seen, time }) => seen === 0 && Math.abs(time - statement.time) <= nearMs,
    );
    if (entry !== undefined) entry.seen += 1;
    else unaccounted.push(describe("MarkMissing", statement, relations, withText));
  }
  for (const [mark, { time, isPermitted, seen }] of byMark) {
    const isCovered = time >= from + edgeMs && time <= until - edgeMs;
    if (isPermitted && seen === 0 && isCovered) unaccounted.push(missing(mark, time));
  }
  const when = (time: number): string | null => (Number.isFinite(time) ? new Date(time).toISOString() : null);
  return {
    ...counted,
    accounted:
      counted.statements - counted.leftOut - unaccounted.filter(({ oddity }) => oddity !== "StatementMissing").length,
    from: when(from),
    until: when(until),
    unaccounted,
  };
}

const marksOf = ({ names, text }: LoggedStatement): readonly string[] => [...marksIn(names), ...marksIn(text)];

function describe(
  oddity: Oddity,
  statement: LoggedStatement,
  relations: readonly string[],
  withText: boolean,
): Unaccounted {
  const { user, application, session, text, time } = statement;
  return {
    oddity,
    time: new Date(time).toISOString(),
    user: user || null,
    application: application || null,
    session: session || null,
    relations,
    statement: toHex<Hash>(sha256(Buffer.from(text))),
    ...(withText ? { text } : {}),
    mark: marksOf(statement)[0] ?? null,
  };
}

function missing(mark: string, time: number): Unaccounted {
  const nothing = { user: null, application: null, session: null, relations: [], statement: null } as const;
  return { ...nothing, oddity: "StatementMissing", time: new Date(time).toISOString(), mark };
}
