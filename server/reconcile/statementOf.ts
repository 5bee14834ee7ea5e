import type { LogRecord } from "./logRecord.ts";

/** A statement that was executed, as the log tells it. */
export type LoggedStatement = Pick<LogRecord, "time" | "user" | "database" | "application" | "session"> & {
  /** Its text, and what is told with it: that of a statement which was prepared before. */
  readonly text: string;
  /** The names of statement and portal under which it ran; of pgaudit the number of the statement in its session. */
  readonly names: string;
  /** Whether it only goes on with what was executed before. */
  readonly isContinued: boolean;
  /** Who told of it: both may tell of the same one. */
  readonly by: "log" | "pgaudit";
};

const executed = /^(?:duration: [\d.]+ ms {2})?(?:statement|execute (fetch from )?(.*?)): ([\s\S]*)$/;

/** Reads a record as a statement; undefined if it is about anything else, or about a step that reads nothing yet (parse, bind). */
export function statementOf(record: LogRecord): LoggedStatement | undefined {
  const { time, user, database, application, session, message, detail } = record;
  const who = { time, user, database, application, session };
  if (message.startsWith("AUDIT: ")) {
    const audit = readAudit(message);
    return audit && { ...who, text: audit.text, names: audit.id, isContinued: false, by: "pgaudit" };
  }
  const [, fetched, names = "", statement] = executed.exec(message) ?? [];
  if (statement === undefined) return undefined;
  // a statement that was prepared in SQL is told as EXECUTE, and its text beside it
  const prepared = detail.includes("prepare: ") ? detail.slice(detail.indexOf("prepare: ")) : "";
  const text = prepared === "" ? statement : `${statement}\n${prepared}`;
  return { ...who, text, names, isContinued: fetched !== undefined, by: "log" };
}

/** What pgaudit writes: AUDIT: kind, id, part, class, command, object type, object name, statement, parameters. */
function readAudit(message: string): { readonly text: string; readonly id: string } | undefined {
  const fields: string[] = [];
  for (const [, quoted, plain] of message.slice("AUDIT: ".length).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
  const [, id = "", , , , , object = "", statement] = fields;
  return statement === undefined ? undefined : { text: `${statement}\n${object}`, id };
}
