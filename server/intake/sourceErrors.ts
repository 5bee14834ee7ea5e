import { IntakeError } from "./errors.ts";

/** No table or view of this name can be read; `available` lists what can. */
export class RelationUnknown extends IntakeError {
  readonly code = "RelationUnknown";
  constructor(
    readonly relation: string,
    readonly available: readonly string[],
  ) {
    super(
      `There is no table or view ${relation} that this login may read. There is: ${available.join(", ") || "none"}. ` +
        'Write schema.table; put names with capitals or odd characters in double quotes: public."Visits".',
    );
  }
}

/** A table or view cannot be put under contract as it is; `problems` say what to do about each. */
export class RelationUnfit extends IntakeError {
  readonly code = "RelationUnfit";
  constructor(
    readonly relation: string,
    readonly problems: readonly string[],
  ) {
    super(
      `${relation} cannot be put under contract as it is:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
}

/** The governed views are not there, or the reader may not read them. */
export class ViewsMissing extends IntakeError {
  readonly code = "ViewsMissing";
  constructor(
    readonly views: readonly string[],
    readonly reader: string,
  ) {
    super(
      `${reader} cannot read ${views.join(", ")} yet. Let your database administrator run the SQL of --print-sql first.`,
    );
  }
}
