import type { FieldLevel } from "../../../server/domain/dataset.ts";
import type { Disclosure } from "../../../server/domain/terms.ts";

/** What the hospital decided about a dataset that it will load. */
export type Decided = {
  readonly name: string;
  readonly title: string;
  readonly purposes: readonly string[];
  readonly maxDisclosure: Disclosure;
  readonly minCohort: number;
  readonly approvals: number;
  readonly tables: readonly {
    readonly file: string;
    readonly table: string;
    readonly encoding: string;
    readonly patientKey: string;
    /** Null for a column that is left out. */
    readonly levels: readonly (readonly [column: string, level: FieldLevel | null])[];
  }[];
};

/** The command that loads the files and registers the dataset just so: every level is named, so that nothing is proposed anew. */
export function importCommand({ name, title, tables, ...rules }: Decided): string {
  const columns = tables.flatMap(({ table, levels }) =>
    levels.map(([column, level]) => [`${table}.${column}`, level] as const),
  );
  const drop = columns.filter(([, level]) => level === null).map(([column]) => column);
  const level = columns.filter(([, one]) => one !== null).map(([column, one]) => `${column}=${one}`);
  const encoding = tables.filter((one) => one.encoding !== "utf-8").map((one) => `${one.table}=${one.encoding}`);
  const keys = tables
    .filter(({ patientKey }) => patientKey !== "")
    .map(({ table, patientKey }) => `${table}.${patientKey}`);
  const options: readonly (readonly [string, readonly (string | number)[]])[] = [
    ["--as", ["hospital"]],
    ["--name", [name]],
    ["--title", title === "" ? [] : [title]],
    ["--patient-key", keys],
    ["--purpose", rules.purposes],
    ["--max-disclosure", [rules.maxDisclosure]],
    ["--min-cohort", [rules.minCohort]],
    ["--approvals", [rules.approvals]],
    ["--encoding", encoding],
    ["--level", level],
    ["--drop", drop],
  ];
  const written = options
    .filter(([, values]) => values.length > 0)
    .map(([option, values]) => [option, ...values.map((value) => quoted(String(value)))].join(" "));
  const files = tables.map(({ file }) => quoted(file.startsWith("-") ? `./${file}` : file));
  return [["npx datapact dataset import", ...files].join(" "), ...written].join(" \\\n  ");
}

/** One word of a POSIX shell, whatever stands in it. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
