import { type Description, type FieldLevel, fieldLevels } from "../domain/dataset.ts";
import { findColumns, written } from "./columns.ts";
import type { Inspection, Profiled } from "./inspect.ts";
import { type JoinProposal, proposeJoins, toJoin } from "./joins.ts";
import { OptionUnresolved } from "./optionErrors.ts";
import { choosePatientKeys, type PatientKey } from "./patientKey.ts";
import type { ColumnProfile } from "./profile.ts";
import { type LevelProposal, proposeLevel } from "./proposeLevel.ts";

/** A column with its level and one line that says why, to print. */
export type ProposedColumn = ColumnProfile & LevelProposal;
export type ProposedTable<T extends Profiled = Inspection> = Omit<T, "columns"> & {
  readonly table: string;
  readonly rows: number;
  readonly patientKey: PatientKey;
  readonly columns: readonly ProposedColumn[];
};

/** What will be loaded and registered, with the reasons. `notes` are sentences that a person should read. */
export type Proposal<T extends Profiled = Inspection> = {
  readonly tables: readonly ProposedTable<T>[];
  readonly joins: readonly JoinProposal[];
  readonly notes: readonly string[];
  readonly description: Description;
};

export type ProposalOptions = {
  readonly title: string;
  readonly patientKeys: readonly string[];
  /** `table.COLUMN=Level`, which wins over the proposal. */
  readonly levels: readonly string[];
  /** Joins that the source itself declares. */
  readonly joins?: readonly JoinProposal[];
};

/** Proposes patient keys, joins and levels over inspected tables. */
export function proposeDataset<T extends Profiled>(found: readonly T[], options: ProposalOptions): Proposal<T> {
  const keys = choosePatientKeys(found, options.patientKeys);
  const inspections = alignKeyTypes(found, keys);
  const fixed = parseLevels(inspections, options.levels);
  const declared = options.joins ?? [];
  const isDeclared = (join: JoinProposal): boolean =>
    declared.some((other) => written(other.left) === written(join.left));
  const candidates = [...declared, ...proposeJoins(inspections, keys).filter((join) => !isDeclared(join))];
  const joins = candidates.filter(({ left, right }) =>
    [left, right].every((end) => !isBelowLinking(fixed.get(written(end)))),
  );
  const tables = inspections.map((table, index) => proposeTable(table, keys[index] as PatientKey, joins, fixed));
  return { tables, joins, notes: notesOf(tables), description: describe(options.title, tables, joins) };
}

/** Patient keys join each other, so they have one type: Text, which every value fits as it is written, where the files differ. */
function alignKeyTypes<T extends Profiled>(tables: readonly T[], keys: readonly PatientKey[]): readonly T[] {
  const isKey = (table: string, column: string): boolean =>
    keys.some((key) => key.table === table && key.column === column);
  const all = tables.flatMap(({ table, columns }) => columns.filter(({ name }) => isKey(table, name)));
  if (new Set(all.map(({ fieldType }) => fieldType)).size < 2) return tables;
  return tables.map((each) => ({
    ...each,
    columns: each.columns.map((column) => (isKey(each.table, column.name) ? { ...column, fieldType: "Text" } : column)),
  }));
}

function parseLevels(tables: readonly Profiled[], options: readonly string[]): Map<string, FieldLevel> {
  const columned = tables.map(({ table, columns }) => ({ table, header: columns.map(({ name }) => name) }));
  return new Map(
    options.flatMap((option) => {
      const cut = option.lastIndexOf("=");
      const level = fieldLevels.find((name) => name.toLowerCase() === option.slice(cut + 1).toLowerCase());
      if (cut < 1 || level === undefined) throw new OptionUnresolved("--level", option, fieldLevels, "names no level");
      return findColumns(columned, "--level", option.slice(0, cut)).map((ref) => [written(ref), level] as const);
    }),
  );
}

function proposeTable<T extends Profiled>(
  table: T,
  patientKey: PatientKey,
  joins: readonly JoinProposal[],
  fixed: ReadonlyMap<string, FieldLevel>,
): ProposedTable<T> {
  const columns = table.columns.map((column) => {
    const at = `${table.table}.${column.name}`;
    const proposal = raiseKey(
      proposeLevel(column),
      column.name === patientKey.column,
      joins.some((join) => joinEnds(join).includes(at)),
    );
    const level = fixed.get(at);
    if (level === undefined) return { ...column, ...proposal };
    if (column.name === patientKey.column && isBelowLinking(level))
      throw new OptionUnresolved("--level", `${at}=${level}`, ["Linking", "Direct"], "is too low for a patient key");
    return { ...column, level, reason: "given by --level" };
  });
  return { ...table, patientKey, columns };
}

function raiseKey(proposal: LevelProposal, isPatientKey: boolean, isJoined: boolean): LevelProposal {
  if (!isBelowLinking(proposal.level))
    return isPatientKey ? { ...proposal, reason: `patient key; ${proposal.reason}` } : proposal;
  if (isPatientKey) return { level: "Linking", reason: "patient key" };
  return isJoined ? { level: "Linking", reason: "joins tables" } : proposal;
}

function isBelowLinking(level: FieldLevel | undefined): boolean {
  return level !== undefined && fieldLevels.indexOf(level) < fieldLevels.indexOf("Linking");
}

function joinEnds({ left, right }: JoinProposal): string[] {
  return [written(left), written(right)];
}

function notesOf(tables: readonly ProposedTable<Profiled>[]): string[] {
  return tables.flatMap(({ table, rows, columns, patientKey }) => {
    const zoneless = columns.filter((column) => column.zoneless).map(({ name }) => `${table}.${name}`);
    const key = columns.find(({ name }) => name === patientKey.column);
    const missing = key === undefined ? 0 : rows - key.values;
    const notes = zoneless.map((name) => `${name} has times without an offset; they are taken as UTC.`);
    return missing === 0
      ? notes
      : [...notes, `${missing} of ${rows} rows of ${table} have no ${patientKey.column} and count for no patient.`];
  });
}

function describe(
  title: string,
  tables: readonly ProposedTable<Profiled>[],
  joins: readonly JoinProposal[],
): Description {
  return {
    title,
    tables: tables.map(({ table, patientKey, columns }) => ({
      name: table,
      patientKey: patientKey.column,
      fields: columns.map(({ name, fieldType, level }) => ({ name, fieldType, level })),
    })),
    joins: joins.map(toJoin),
  };
}
