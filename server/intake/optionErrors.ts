import { IntakeError } from "./errors.ts";

/** An option names a table, column or level that does not exist; `available` lists what does. */
export class OptionUnresolved extends IntakeError {
  readonly code = "OptionUnresolved";
  constructor(
    readonly option: string,
    readonly given: string,
    readonly available: readonly string[],
    problem = "names nothing that exists",
  ) {
    super(`${option} ${given} ${problem}. There is: ${available.join(", ")}.`);
  }
}

/** No table has a patient key, so nobody could count the patients behind a result. */
export class PatientKeyMissing extends IntakeError {
  readonly code = "PatientKeyMissing";
  constructor(readonly columns: readonly string[]) {
    super(
      `No column is known to tell patients apart. Give --patient-key COLUMN or --patient-key table.COLUMN. There is: ${columns.join(", ")}.`,
    );
  }
}

export class FieldsTooMany extends IntakeError {
  readonly code = "FieldsTooMany";
  constructor(
    readonly fields: number,
    readonly limit: number,
    readonly perTable: readonly string[],
  ) {
    super(
      `The files have ${fields} columns together; a dataset holds at most ${limit} (${perTable.join(", ")}). Leave columns out with --drop table.column, or import fewer files.`,
    );
  }
}
