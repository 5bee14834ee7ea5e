import type { Description, NumberedField } from "../domain/dataset.ts";

/** Tells for a field, as `table.field`, which set of identifiers it belongs to; undefined for fields that nothing joins. */
export type LinkDomains = (field: Pick<NumberedField, "table" | "name">) => string | undefined;

/**
 * Groups the fields that hold the same identifiers: the patient keys of all tables, and whatever declared joins connect. Fields of one
 * group may be joined, and one identifier has one pseudonym throughout its group.
 */
export function linkDomains(description: Description): LinkDomains {
  const parents = new Map<string, string>();
  const root = (name: string): string => {
    const parent = parents.get(name) ?? name;
    return parent === name ? name : root(parent);
  };
  const unite = (a: string, b: string): void => {
    const [first = a, second = b] = [root(a), root(b)].sort();
    parents.set(first, first).set(second, first);
  };
  const patientKeys = description.tables
    .filter((table) => table.patientKey !== "")
    .map((table) => `${table.name}.${table.patientKey}`);
  for (const key of patientKeys) unite(patientKeys[0] ?? key, key);
  for (const join of description.joins) unite(join.left, join.right);
  return ({ table, name }) => (parents.has(`${table}.${name}`) ? root(`${table}.${name}`) : undefined);
}
