import { IntakeError } from "./errors.ts";

export class EncodingUnknown extends IntakeError {
  readonly code = "EncodingUnknown";
  constructor(readonly encoding: string) {
    super(
      `There is no encoding ${JSON.stringify(encoding)}. Known are utf-8, gb18030, gbk, big5, shift_jis, utf-16le, windows-1252 and the other names of the WHATWG Encoding Standard.`,
    );
  }
}

export type MismatchFacts = {
  readonly file: string;
  readonly encoding: string;
  /** Where decoding stopped: bytes from the start of the file, and the line counted from 1. */
  readonly offset: number;
  readonly line: number;
  /** What the bytes look like; undefined if they look like nothing known. */
  readonly likely: string | undefined;
};

/** The bytes of a file are not text in the encoding in which it was read. */
export class EncodingMismatch extends IntakeError {
  readonly code = "EncodingMismatch";
  constructor(readonly facts: MismatchFacts) {
    super(
      `${facts.file} is not ${facts.encoding.toUpperCase()} text: line ${facts.line}, byte ${facts.offset}. ${encodingAdvice(facts)}`,
    );
  }
}

function encodingAdvice({ likely, encoding }: MismatchFacts): string {
  if (likely === undefined) return "Save it as UTF-8, or name its encoding with --encoding.";
  const known = likely === "gb18030" ? "GB18030 (GBK)" : likely.toUpperCase();
  if (likely === encoding) return `It looks like ${known} with damage at that place: repair the file there.`;
  if (likely === "utf-8") return "It looks like UTF-8: leave out --encoding.";
  return `It looks like ${known}: give --encoding ${likely} to transcode it, or save it as UTF-8.`;
}

/** `--encoding` names another encoding, but the file is UTF-8 and would turn into nonsense. */
export class EncodingUnneeded extends IntakeError {
  readonly code = "EncodingUnneeded";
  constructor(
    readonly file: string,
    readonly encoding: string,
  ) {
    super(
      `${file} is UTF-8 already and would be garbled as ${encoding}. Leave out --encoding, or give it for the other tables only: --encoding table=${encoding}.`,
    );
  }
}

export class DelimiterUnknown extends IntakeError {
  readonly code = "DelimiterUnknown";
  constructor(readonly delimiter: string) {
    super(`Delimiter ${JSON.stringify(delimiter)} is not known. Give --delimiter comma, semicolon, tab or pipe.`);
  }
}

export class RowRagged extends IntakeError {
  readonly code = "RowRagged";
  constructor(
    readonly file: string,
    readonly line: number,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      `${file}, line ${line}: ${actual} fields where the header names ${expected}. Put fields that hold the delimiter or a line break in double quotes, or give the right --delimiter.`,
    );
  }
}

/** Breaks the quoting rules of RFC 4180. */
export class RowMalformed extends IntakeError {
  readonly code = "RowMalformed";
  constructor(
    readonly file: string,
    readonly line: number,
    readonly problem: string,
  ) {
    super(`${file}, line ${line}: ${problem}`);
  }
}

export class HeaderInvalid extends IntakeError {
  readonly code = "HeaderInvalid";
  constructor(
    readonly file: string,
    readonly column: string,
    readonly problem: string,
  ) {
    super(`${file}, header: ${problem} Rename the column in the first line of the file.`);
  }
}

export class TableNameTaken extends IntakeError {
  readonly code = "TableNameTaken";
  constructor(
    readonly table: string,
    readonly files: readonly string[],
  ) {
    super(`${files.join(" and ")} would both become table ${table}. Rename one of the files.`);
  }
}

export class TableNameInvalid extends IntakeError {
  readonly code = "TableNameInvalid";
  constructor(readonly file: string) {
    super(`${file} gives no table name of 1 to 63 bytes. Rename the file, for example to visits.csv.`);
  }
}
