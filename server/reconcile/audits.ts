import { sha256, toHex } from "../domain/hash.ts";
import type { LoggedStatement } from "./statementOf.ts";

type Kept = { readonly statement: LoggedStatement; readonly relations: readonly string[] };

/** What pgaudit tells of the gateway's login: it shows no marks, and may tell again what the log itself tells. */
export type Audits = {
  /** Takes in a statement that the log itself tells of. */
  readonly tell: (statement: LoggedStatement) => void;
  readonly keep: (statement: LoggedStatement, relations: readonly string[]) => void;
  /** Those of which the log itself told nothing, each execution once, in order. */
  readonly untold: () => readonly Kept[];
};

export function createAudits(): Audits {
  const told = new Set<string>();
  const kept = new Map<string, Kept>();
  const digestOf = (session: string | undefined, text: string): string =>
    toHex(sha256(Buffer.from(`${session}\n${text}`)));
  const wordsOf = ({ text, by }: LoggedStatement): string =>
    by === "pgaudit" ? text.slice(0, text.lastIndexOf("\n")) : text;
  const keyOf = (statement: LoggedStatement): string => digestOf(statement.session, wordsOf(statement));
  return Object.freeze<Audits>({
    tell: (statement) => void told.add(keyOf(statement)),
    keep: (statement, relations) => {
      // pgaudit tells of one execution once for each relation
      const key = digestOf(statement.session, statement.names);
      if (!kept.has(key)) kept.set(key, { statement, relations });
    },
    untold: () => [...kept.values()].filter(({ statement }) => !told.has(keyOf(statement))),
  });
}
