import type { NumberedField, Table } from "../domain/dataset.ts";
import { type Environment, findByName } from "./environment.ts";
import { type Expression, type Interner, noTraits, type Traits } from "./expression.ts";
import type { Select, Source } from "./plan.ts";
import { refuse } from "./refused.ts";

type Candidate = { readonly name: string; readonly column: () => Expression };

/** The tables of one SELECT while it is read. */
export type Sources = {
  readonly list: () => readonly Source[];
  readonly addTable: (table: Table, alias: string, at: number) => number;
  readonly addDerived: (select: Select, alias: string, at: number) => number;
  /** Resolves `field` or `table.field` among the sources of the bitmap (default all). Throws StatementRefused. */
  readonly column: (names: readonly string[], at: number, among?: number) => Expression;
  readonly has: (name: string) => boolean;
};

export function createSources(environment: Environment, intern: Interner): Sources {
  const sources: Source[] = [];
  const candidates: Candidate[][] = [];

  const add = (source: Source, columns: Candidate[], at: number): number => {
    if (sources.some(({ alias }) => alias.toLowerCase() === source.alias.toLowerCase()))
      refuse(`A second table called ${source.alias}`, "Give each table an alias of its own.", at);
    candidates.push(columns);
    return sources.push(source) - 1;
  };

  const addTable = (table: Table, alias: string, at: number): number => {
    const fields = environment.fields.filter((field) => field.table === table.name);
    const used = new Set<number>();
    const index = sources.length;
    const columns = fields.map((field, column) => ({
      name: field.name,
      column: () => {
        if (field.level === "Direct")
          return refuse(`${field.table}.${field.name}`, "Direct identifiers are not served.", null);
        environment.mention(field);
        used.add(column);
        const key = field.name === table.patientKey ? 0 : null;
        return intern({
          kind: "Column",
          source: index,
          column,
          origin: field,
          key,
          type: field.fieldType,
          traits: fieldTraits(field, index),
        });
      },
    }));
    const keys = table.patientKey === "" ? [] : [{ nullable: false }];
    return add({ kind: "Table", table, fields, used, alias, keys }, columns, at);
  };

  const addDerived = (select: Select, alias: string, at: number): number => {
    const index = sources.length;
    const columns = select.outputs.map(({ name, expression }, column) => ({
      name,
      column: () => intern(derivedColumn(select, expression, index, column)),
    }));
    const keys =
      select.shape === "Patients" ? [{ nullable: false }] : select.classes.map(({ nullable }) => ({ nullable }));
    return add({ kind: "Derived", select, alias, keys }, columns, at);
  };

  const column = (names: readonly string[], at: number, among = -1): Expression => {
    const [table, field] = names.length === 1 ? [undefined, names[0]] : names;
    if (field === undefined || names.length > 2)
      return refuse(`The name ${names.join(".")}`, "Write field or table.field.", at);
    const numbered = sources
      .map((source, index) => ({ source, index }))
      .filter(({ index }) => (among & (1 << index)) !== 0);
    const within = table === undefined ? numbered : findByName(numbered, ({ source }) => source.alias, table);
    if (within.length === 0)
      return refuse(`The table ${table}`, `Tables here: ${sources.map(({ alias }) => alias).join(", ")}.`, at);
    const inView = within.flatMap(({ index }) => candidates[index] ?? []);
    const found = findByName(inView, ({ name }) => name, field);
    if (found.length > 1)
      return refuse(`The field ${names.join(".")}, which stands in several tables,`, "Write table.field.", at);
    return (
      found[0]?.column() ??
      refuse(`The field ${names.join(".")}`, `Fields here: ${inView.map(({ name }) => name).join(", ")}.`, at)
    );
  };

  const has = (name: string): boolean => findByName(candidates.flat(), (candidate) => candidate.name, name).length > 0;
  return { list: () => sources, addTable, addDerived, column, has };
}

function fieldTraits(field: NumberedField, source: number): Traits {
  const linking = field.level === "Linking";
  return {
    fields: 1n << BigInt(field.number),
    sources: 1 << source,
    quasi: field.level === "Quasi",
    nulls: "Whole",
    linking: linking ? "Plain" : "No",
    measure: !linking,
    degree: 1,
    monomial: true,
  };
}

/** A column of a derived table keeps the traits of what it is computed from, so that a WITH query hides nothing. */
function derivedColumn(select: Select, expression: Expression, source: number, column: number) {
  const plain = expression.kind === "Key" ? select.keys[expression.key] : expression;
  const from = plain?.kind === "Column" ? plain : null;
  return {
    kind: "Column",
    source,
    column,
    origin: from?.origin ?? null,
    key: from === null || from.key === null ? null : keyOf(select, from.source, from.key),
    type: expression.type,
    traits: { ...noTraits, ...expression.traits, sources: 1 << source },
  } as const;
}

function keyOf(select: Select, source: number, key: number): number | null {
  const found = select.classes.findIndex(({ members }) =>
    members.some((member) => member.source === source && member.key === key),
  );
  return select.shape === "Patients" ? patientKeyOf(select, source, key) : found < 0 ? null : found;
}

/** In a table with one row a patient only the patient key that it is grouped by is its key. */
function patientKeyOf(select: Select, source: number, key: number): number | null {
  const grouped = select.keys.some(
    (expression) => expression.kind === "Column" && expression.source === source && expression.key === key,
  );
  return grouped ? 0 : null;
}
