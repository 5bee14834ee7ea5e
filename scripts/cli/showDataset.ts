import type { PublishedDataset } from "../../server/client/datasets.ts";
import { type Description, numberFields } from "../../server/domain/dataset.ts";
import { linkDomains } from "../../server/query/linkDomains.ts";
import { inert, printFacts, printTable } from "./print.ts";

/** Prints a dataset's rules, its fields with their levels, and along which of them its tables join. */
export function showDataset({ id, name, description, rules, status }: PublishedDataset): void {
  printFacts({
    id,
    name: inert(name),
    title: inert(description.title),
    status,
    "at most": rules.maxDisclosure,
    "smallest cohort": `at least ${rules.minCohort} patients`,
    purposes: inert(rules.purposes.join(" ")),
  });
  console.log("");
  const rows = description.tables.flatMap((table) =>
    table.fields.map((field) => [
      inert(`${table.name}.${field.name}`),
      field.fieldType,
      field.level,
      field.name === table.patientKey ? "patient key" : "",
    ]),
  );
  printTable(["field", "type", "level", ""], rows);
  console.log("");
  const joined = joinedFields(description);
  if (joined.length === 0) console.log("No tables join.");
  else
    console.log(`Tables join where these are equal:\n${joined.map((fields) => `  ${fields.join(" = ")}`).join("\n")}`);
}

/** The fields along which tables join, grouped by the identifiers that they hold. */
function joinedFields(description: Description): string[][] {
  const domainOf = linkDomains(description);
  const groups = new Map<string, string[]>();
  for (const field of numberFields(description).filter(({ level }) => level !== "Direct")) {
    const domain = domainOf(field);
    if (domain === undefined) continue;
    groups.set(domain, [...(groups.get(domain) ?? []), inert(`${field.table}.${field.name}`)]);
  }
  return [...groups.values()].filter((fields) => fields.length > 1);
}
