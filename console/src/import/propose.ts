import type { ProposedColumn } from "../../../server/intake/propose.ts";
import { proposeDataset } from "../../../server/intake/propose.ts";
import type { Sample } from "./sample.ts";

/** A table with the level that is proposed for each of its columns, and the column that tells its patients apart, empty if none is known. */
export type Governed = Omit<Sample, "columns"> & {
  readonly patientKey: string;
  readonly columns: readonly ProposedColumn[];
};

/**
 * Proposes by the rules of the command itself how to govern what was looked at.
 * @param keys The patient keys that were chosen, by table.
 */
export function propose(samples: readonly Sample[], keys: Readonly<Record<string, string>>): readonly Governed[] {
  if (samples.length === 0) return [];
  const patientKeys = samples.flatMap(({ table }) => (keys[table] ? [`${table}.${keys[table]}`] : []));
  const attempt = (chosen: readonly string[]): readonly Governed[] =>
    proposeDataset(samples, { title: "", patientKeys: chosen, levels: [] }).tables.map((table) => ({
      ...table,
      patientKey: keys[table.table] ?? table.patientKey.column,
    }));
  try {
    return attempt(patientKeys);
  } catch {
    // no column looks like one that tells patients apart: any will do until a person chooses
    const stand = samples.map(({ table, columns }) => `${table}.${keys[table] || (columns[0]?.name ?? "")}`);
    return attempt(stand).map((table) => ({ ...table, patientKey: keys[table.table] ?? "" }));
  }
}
