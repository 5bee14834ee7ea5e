import { basename } from "node:path";
import { HeaderInvalid, TableNameInvalid, TableNameTaken } from "./fileErrors.ts";
import { plainTableName } from "./plainTableName.ts";

/** PostgreSQL cuts longer identifiers, and two could become one. */
const maxNameBytes = 63;
const systemColumns = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

/** Checks the names of a header, which are kept as they are. Throws `HeaderInvalid` at the first that cannot be a column. */
export function checkHeader(file: string, names: readonly string[]): void {
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    const problem = nameProblem(name, index + 1);
    if (problem !== undefined) throw new HeaderInvalid(file, name, problem);
    const first = seen.get(name.toLowerCase());
    if (first !== undefined) throw new HeaderInvalid(file, name, duplicateProblem(name, first, index + 1));
    seen.set(name.toLowerCase(), index + 1);
  });
}

/** What keeps a name from being a column's; undefined if nothing does. */
export function nameProblem(name: string, position: number): string | undefined {
  if (name.trim() === "") return `column ${position} has no name.`;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) return `the name of column ${position} holds characters that cannot be seen.`;
  if (name !== name.trim()) return `column ${position}, "${name}", begins or ends with a space.`;
  const bytes = Buffer.byteLength(name);
  if (bytes > maxNameBytes) return `column ${position}, "${name}", has ${bytes} bytes of at most ${maxNameBytes}.`;
  if (systemColumns.has(name)) return `column ${position}, "${name}", has a name that PostgreSQL keeps for itself.`;
  return undefined;
}

function duplicateProblem(name: string, first: number, second: number): string {
  return `columns ${first} and ${second} have the same name, "${name}" (upper and lower case count as the same).`;
}

/** Names the table of a file: its base name without the extension, as a plain name. */
export function tableName(file: string): string {
  const name = plainTableName(basename(file).replace(/\.[^.]*$/, ""));
  if (name === "" || Buffer.byteLength(name) > maxNameBytes) throw new TableNameInvalid(file);
  return name;
}

/** Names the tables of files. Throws `TableNameTaken` if two files would become one table. */
export function tableNames(files: readonly string[]): Map<string, string> {
  const byTable = new Map<string, string>();
  for (const file of files) {
    const table = tableName(file);
    const other = byTable.get(table);
    if (other !== undefined) throw new TableNameTaken(table, [other, file]);
    byTable.set(table, file);
  }
  return byTable;
}
