import { type ColumnRef, written } from "./columns.ts";
import type { Profiled } from "./inspect.ts";
import { isContained, isKey, singular } from "./keys.ts";
import { plainName } from "./lexicon.ts";
import type { PatientKey } from "./patientKey.ts";
import type { ColumnProfile } from "./profile.ts";

/** A column whose values are all in the unique `right` column of another table. */
export type JoinProposal = { readonly left: ColumnRef; readonly right: ColumnRef; readonly reason: string };

type Column = { readonly table: Profiled; readonly column: ColumnProfile };

/**
 * Proposes joins: the left column is called after the right table or its key, or both hold UUIDs, which never agree by chance; and the data
 * bears it out. Patient keys join without being declared.
 */
export function proposeJoins(tables: readonly Profiled[], patientKeys: readonly PatientKey[]): JoinProposal[] {
  const isPatientKey = ({ table, column }: Column): boolean =>
    patientKeys.some((key) => key.table === table.table && key.column === column.name);
  const all = tables.flatMap((table) => table.columns.map((column) => ({ table, column })));
  const keys = all.filter(({ table, column }) => isKey(column, table.rows));
  return all
    .filter((left) => left.column.values > 0 && !isPatientKey(left))
    .flatMap(
      (left) =>
        bestTarget(
          left,
          keys.filter((key) => key.table !== left.table && !isPatientKey(key)),
        ) ?? [],
    );
}

function bestTarget(left: Column, keys: readonly Column[]): JoinProposal | undefined {
  const ranked = keys
    .map((key) => ({ key, rank: rankOf(left, key) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  const best = ranked.find(
    ({ key }) => left.column.fieldType === key.column.fieldType && isContained(left.column, key.column),
  );
  if (best === undefined) return undefined;
  const reason = best.rank === 1 ? "every UUID is a key there" : "named after it, and every value is a key there";
  return { left: refOf(left), right: refOf(best.key), reason };
}

/** 3: called after the table; 2: called like its key; 1: UUIDs on both sides; 0: nothing speaks for it. */
function rankOf(left: Column, key: Column): number {
  if (left.column.shares.Uuid === 1 && isKey(left.column, left.table.rows) && plainName(left.column.name) === "id")
    return 0;
  const plain = plainName(left.column.name);
  const keyName = plainName(key.column.name);
  const person = singular(key.table.table);
  const stem = plain.replace(/_?(?:id|no|key|code|编号|号)$/u, "");
  if (isKeyName(keyName, person) && (stem === person || stem.endsWith(person))) return 3;
  if (plain === keyName && keyName !== "id" && /id$|no$|key$|号$|编号$|uuid$/u.test(keyName)) return 2;
  return left.column.shares.Uuid === 1 && key.column.shares.Uuid === 1 ? 1 : 0;
}

function isKeyName(name: string, person: string): boolean {
  return name === "id" || name.startsWith(person) || /_?(?:id|no|key|编号|号)$/u.test(name);
}

function refOf({ table, column }: Column): ColumnRef {
  return { table: table.table, column: column.name };
}

/** Writes a proposal as the dataset's description holds it. */
export function toJoin(proposal: JoinProposal): { left: string; right: string } {
  return { left: written(proposal.left), right: written(proposal.right) };
}
