/** What in a statement is not accepted, what is accepted in its place, and where it stands. */
export type RefusalFacts = {
  readonly part: string;
  readonly allowed: string;
  /** First character of the part, counted from 1; null where the whole statement is meant. */
  readonly position: number | null;
};

/** The statement (or row scope) is outside the accepted grammar. Nothing of it reached the database. */
export class StatementRefused extends Error {
  readonly code = "StatementRefused";
  readonly facts: RefusalFacts;

  constructor(facts: RefusalFacts) {
    const place = facts.position === null ? "" : ` at character ${facts.position}`;
    super(`${facts.part}${place} is not accepted. ${facts.allowed}`);
    this.name = "StatementRefused";
    this.facts = facts;
  }
}

/** The statement names fields that the licence lacks; `fields` as `table.field`. */
export class FieldUnlicensed extends Error {
  readonly code = "FieldUnlicensed";
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    super(`The agreement does not cover ${fields.join(", ")}.`);
    this.name = "FieldUnlicensed";
    this.fields = fields;
  }
}

/** Too few patients stand behind the answer. The same for none and for few: it carries nothing else. */
export class CohortTooSmall extends Error {
  readonly code = "CohortTooSmall";

  constructor() {
    super("Too few patients stand behind every part of the answer. Widen the conditions or group more coarsely.");
    this.name = "CohortTooSmall";
  }
}

/** The answer has more rows than the agreement lets leave in one use. */
export class RowLimitExceeded extends Error {
  readonly code = "RowLimitExceeded";
  readonly maxRows: number;

  constructor(maxRows: number) {
    super(`The answer has more than ${maxRows} rows, the most that one use may give. Add LIMIT ${maxRows} or fewer.`);
    this.name = "RowLimitExceeded";
    this.maxRows = maxRows;
  }
}

/** Refuses `part`. `at` is the byte offset that PostgreSQL's parser gives; `parseSelect` turns it into a character. */
export function refuse(part: string, allowed: string, at?: number | null): never {
  throw new StatementRefused({ part, allowed, position: at ?? null });
}
