import { createHash } from "node:crypto";

/** Quotes an identifier for SQL, whatever it holds. */
export function quoteName(...path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}

/** The schema that holds a dataset's rows. Only the administrator reaches it. */
export function baseSchema(dataset: string): string {
  return `data_${slug(dataset)}`;
}

/** The schema that holds a dataset's governed views, under the tables' own names. */
export function governedSchema(dataset: string): string {
  return `governed_${slug(dataset)}`;
}

/** Two names never share a slug: what is lost in writing one is made up by a digest. */
function slug(dataset: string): string {
  const plain = dataset
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, 32);
  if (plain === dataset) return plain;
  return `${plain}_${createHash("sha256").update(dataset).digest("hex").slice(0, 12)}`;
}
