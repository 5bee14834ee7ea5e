import { OptionUnresolved } from "./optionErrors.ts";

/** A column of the dataset. */
export type ColumnRef = { readonly table: string; readonly column: string };

type Columned = { readonly table: string; readonly header: readonly string[] };

/**
 * Finds what an option such as `COLUMN` or `table.COLUMN` names: every table's column of that name, or one. Upper and lower case count
 * only if the exact name does not exist. Throws `OptionUnresolved` with the columns there are.
 */
export function findColumns(tables: readonly Columned[], option: string, given: string): ColumnRef[] {
  const dot = given.indexOf(".");
  const table = tables.find((each) => each.table === given.slice(0, dot).toLowerCase());
  const [scope, name] = dot > 0 && table !== undefined ? [[table], given.slice(dot + 1)] : [tables, given];
  const exact = refs(scope, (column) => column === name);
  const found = exact.length > 0 ? exact : refs(scope, (column) => column.toLowerCase() === name.toLowerCase());
  if (found.length > 0) return found;
  throw new OptionUnresolved(option, given, refs(scope, () => true).map(written));
}

/** Finds the one column that `table.COLUMN` names. */
export function findColumn(tables: readonly Columned[], option: string, given: string): ColumnRef {
  const found = findColumns(tables, option, given);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new OptionUnresolved(option, given, found.map(written), "names more than one column");
}

export function written(ref: ColumnRef): string {
  return `${ref.table}.${ref.column}`;
}

function refs(tables: readonly Columned[], isMeant: (column: string) => boolean): ColumnRef[] {
  return tables.flatMap(({ table, header }) => header.filter(isMeant).map((column) => ({ table, column })));
}
