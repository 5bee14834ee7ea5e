import { type ColumnRef, findColumns, written } from "./columns.ts";
import type { Profiled } from "./inspect.ts";
import { isContained, isKey, singular } from "./keys.ts";
import { plainName } from "./lexicon.ts";
import { OptionUnresolved, PatientKeyMissing } from "./optionErrors.ts";
import type { ColumnProfile } from "./profile.ts";

/** The column that tells a table's patients apart; `column` is empty for a reference table. */
export type PatientKey = { readonly table: string; readonly column: string; readonly reason: string };

/** Names that say "patient number" in a table of visits or results. */
const patientNames =
  /^(?:patient|patient_?id|patient_?(?:no|num|number|key)|pid|subject_?id|person_?id|mrn|患者(?:id|编号|号|唯一号|标识)|病人(?:id|编号|号)|病案号|住院号|登记号|就诊卡号)$/u;
const peopleTables =
  /^(?:patient|newborn|neonate|infant|baby|babie|mother|person|people|subject|case|患者|病人|新生儿|婴儿|产妇)s?$/u;

/**
 * Chooses the patient key of each table: what the options name first, then the table of patients whose unique key holds those values, then
 * columns named as patient numbers whose values that table holds. Throws if an option names nothing or no table gets a key.
 */
export function choosePatientKeys(tables: readonly Profiled[], options: readonly string[]): PatientKey[] {
  const given = givenKeys(tables, options);
  const home = findHome(tables, [...given.values()]);
  const keys = tables.map((table) => keyOf(table, given.get(table.table), home, tables));
  if (keys.every(({ column }) => column === "")) throw new PatientKeyMissing(allColumns(tables));
  return keys;
}

function givenKeys(tables: readonly Profiled[], options: readonly string[]): Map<string, ColumnRef> {
  const keys = new Map<string, ColumnRef>();
  const columned = tables.map(({ table, columns }) => ({ table, header: columns.map(({ name }) => name) }));
  for (const option of [...options].sort((a, b) => Number(a.includes(".")) - Number(b.includes("."))))
    for (const ref of findColumns(columned, "--patient-key", option)) {
      const kept = keys.get(ref.table);
      const isSpecific = option.toLowerCase().startsWith(`${ref.table}.`);
      if (kept !== undefined && kept.column !== ref.column && !isSpecific)
        throw new OptionUnresolved(
          "--patient-key",
          option,
          [written(kept), written(ref)],
          `names a second key of ${ref.table}`,
        );
      keys.set(ref.table, ref);
    }
  return keys;
}

/** The table of patients: it has a unique column that holds every given key, or, if none is given, it is called so. */
function findHome(tables: readonly Profiled[], given: readonly ColumnRef[]): ColumnRef | undefined {
  const keys = tables.flatMap((table) =>
    table.columns.filter((column) => isKey(column, table.rows)).map((column) => ({ table, column })),
  );
  const outer = given.flatMap((ref) => profileOf(tables, ref) ?? []);
  const holding = keys.filter(
    ({ column }) => outer.length > 0 && outer.every((key) => key === column || isContained(key, column)),
  );
  const named = (given.length > 0 ? holding : keys).filter(({ table }) => peopleTables.test(table.table));
  const home = named.find(({ column }) => /(?:^|_)id$/.test(plainName(column.name))) ?? named[0] ?? holding[0];
  return home && { table: home.table.table, column: home.column.name };
}

function keyOf(
  table: Profiled,
  given: ColumnRef | undefined,
  home: ColumnRef | undefined,
  tables: readonly Profiled[],
): PatientKey {
  if (given !== undefined) return { ...given, reason: "given by --patient-key" };
  if (home?.table === table.table) return { ...home, reason: "unique, and holds the patients of the other tables" };
  const named = table.columns.filter((column) => isNamedAsPatient(column, home));
  const outer = home && profileOf(tables, home);
  const held = named.find((column) => outer !== undefined && isContained(column, outer));
  if (held !== undefined)
    return { table: table.table, column: held.name, reason: `values are in ${written(home as ColumnRef)}` };
  const reason =
    home === undefined
      ? "named as a patient number"
      : `named as a patient number, though not all are in ${written(home)}`;
  if (named[0] !== undefined) return { table: table.table, column: named[0].name, reason };
  return { table: table.table, column: "", reason: "no patient column found: a reference table" };
}

/** A table of patients must not pass for a reference table, so the name alone is enough. */
function isNamedAsPatient(column: ColumnProfile, home: ColumnRef | undefined): boolean {
  if (column.values === 0 || column.fieldType === "Date" || column.fieldType === "Timestamp") return false;
  const plain = plainName(column.name);
  if (patientNames.test(plain)) return true;
  if (home === undefined || plain === "id") return false;
  return plain === plainName(home.column) || plain.replace(/_?(?:id|no)$/, "") === singular(home.table);
}

function profileOf(tables: readonly Profiled[], ref: ColumnRef): ColumnProfile | undefined {
  return tables.find(({ table }) => table === ref.table)?.columns.find(({ name }) => name === ref.column);
}

function allColumns(tables: readonly Profiled[]): string[] {
  return tables.flatMap(({ table, columns }) => columns.map(({ name }) => written({ table, column: name })));
}
