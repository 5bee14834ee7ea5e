/** Every way in which an import can be refused. */
export type IntakeErrorCode =
  | "FileUnreadable"
  | "FileEmpty"
  | "FileWithoutRows"
  | "FileChanged"
  | "EncodingUnknown"
  | "EncodingMismatch"
  | "EncodingUnneeded"
  | "DelimiterUnknown"
  | "RowRagged"
  | "RowMalformed"
  | "HeaderInvalid"
  | "TableNameTaken"
  | "TableNameInvalid"
  | "OptionUnresolved"
  | "PatientKeyMissing"
  | "FieldsTooMany"
  | "DatasetLoaded"
  | "DatasetBusy"
  | "DatasetNotLoaded"
  | "ReaderPasswordUnfit"
  | "RelationUnknown"
  | "RelationUnfit"
  | "ViewsMissing"
  | "DatabaseRefused";

/** An error of the intake: facts, and one sentence that says what to do. Never holds the value of a cell. */
export abstract class IntakeError extends Error {
  abstract readonly code: IntakeErrorCode;
  override get name(): string {
    return `Intake${this.code}`;
  }
}

export class FileUnreadable extends IntakeError {
  readonly code = "FileUnreadable";
  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super(
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"}). Check the path and its rights.`,
      {
        cause,
      },
    );
  }
}

export class FileEmpty extends IntakeError {
  readonly code = "FileEmpty";
  constructor(readonly file: string) {
    super(`${file} is empty. Its first line must name the columns; leave the file out if there is nothing in it.`);
  }
}

export class FileWithoutRows extends IntakeError {
  readonly code = "FileWithoutRows";
  constructor(readonly file: string) {
    super(`${file} has a header and no rows, so nothing tells the types of its columns. Leave the file out.`);
  }
}

export class FileChanged extends IntakeError {
  readonly code = "FileChanged";
  constructor(readonly file: string) {
    super(`${file} changed while it was being imported. Start again once nothing writes to it.`);
  }
}

/** A dataset of this name is in the database already. */
export class DatasetLoaded extends IntakeError {
  readonly code = "DatasetLoaded";
  constructor(
    readonly dataset: string,
    readonly schema: string,
  ) {
    super(
      `Dataset ${dataset} is already loaded (schema ${schema}). Give --replace to replace its rows, or another --name.`,
    );
  }
}

export class DatasetBusy extends IntakeError {
  readonly code = "DatasetBusy";
  constructor(readonly dataset: string) {
    super(`Another import of dataset ${dataset} is running. Wait for it to end, then try again.`);
  }
}

export class DatasetNotLoaded extends IntakeError {
  readonly code = "DatasetNotLoaded";
  constructor(
    readonly dataset: string,
    readonly schema: string,
  ) {
    super(`Dataset ${dataset} is not in the database (no schema ${schema}). Import it first.`);
  }
}

export class ReaderPasswordUnfit extends IntakeError {
  readonly code = "ReaderPasswordUnfit";
  constructor(readonly length: number) {
    super("The reader's password needs 16 or more printable ASCII characters without spaces.");
  }
}

/** PostgreSQL refused; `state` is its SQLSTATE. Its own message may quote data, so only the cause carries it. */
export class DatabaseRefused extends IntakeError {
  readonly code = "DatabaseRefused";
  constructor(
    readonly step: string,
    readonly state: string,
    cause: unknown,
  ) {
    super(`PostgreSQL refused to ${step} (${state}); nothing was changed.${advice[state.slice(0, 2)] ?? ""}`, {
      cause,
    });
  }
}

const advice: Readonly<Record<string, string>> = {
  "08": " The connection broke: check that the server runs, then import again.",
  "22": " A value does not fit its column: check that nothing writes to the file, then import again.",
  "42": " The connection needs an administrator's rights in this database.",
  "53": " The server is out of disk, memory or connections: make room, then import again.",
  "57": " The server stopped or cancelled the statement: import again.",
};
