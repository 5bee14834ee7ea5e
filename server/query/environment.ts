import { type Description, type NumberedField, numberFields } from "../domain/dataset.ts";
import { type LinkDomains, linkDomains } from "./linkDomains.ts";
import { refuse } from "./refused.ts";
import type { Tree } from "./syntax.ts";

/** What reading a statement knows and collects; one per statement, with the WITH queries in view at each level. */
export type Environment = {
  readonly description: Description;
  readonly fields: readonly NumberedField[];
  readonly domains: LinkDomains;
  readonly queries: ReadonlyMap<string, WithQuery>;
  /** Notes a field as mentioned. */
  readonly mention: (field: NumberedField) => void;
  /** Bitmap of the fields mentioned so far. */
  readonly mentioned: () => bigint;
  /** Counts a table or derived table; refuses beyond the most that one statement may have. */
  readonly countSource: (at: number) => void;
};
export type WithQuery = { readonly select: Tree; readonly environment: Environment };

const maxSources = 16;

export function createEnvironment(description: Description): Environment {
  let mentioned = 0n;
  let sources = 0;
  return {
    description,
    fields: numberFields(description),
    domains: linkDomains(description),
    queries: new Map(),
    mention: (field) => {
      mentioned |= 1n << BigInt(field.number);
    },
    mentioned: () => mentioned,
    countSource: (at) => {
      sources += 1;
      if (sources > maxSources)
        refuse("This many tables", `At most ${maxSources}, each use of a WITH query counted with its tables.`, at);
    },
  };
}

/** Finds `name` among `items`: to the letter, or else regardless of case if only one fits. */
export function findByName<T>(items: readonly T[], nameOf: (item: T) => string, name: string): readonly T[] {
  const exact = items.filter((item) => nameOf(item) === name);
  return exact.length > 0 ? exact : items.filter((item) => nameOf(item).toLowerCase() === name.toLowerCase());
}
