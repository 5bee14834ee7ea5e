import type { Given, Letter } from "./givens.ts";

/** Columns of a unit: the sum of an argument, its mean, and how many units have the same of each. */
export const sumColumn = ({ index }: Given, sum: string): string => `s${index}_${sum}`;
export const meanColumn = ({ index }: Given, letter: Letter): string => `m${index}_${letter}`;
export const alikeColumn = (of: string): string => `a${of}`;
export const lowColumn = ({ index }: Given, letter: Letter): string => `lo${index}_${letter}`;
export const highColumn = ({ index }: Given, letter: Letter): string => `hi${index}_${letter}`;
export const countColumn = ({ index }: Given): string => `n${index}`;

/** What the rows of a group are gathered into before its figures are made. */
export type Unit = {
  /** Columns and expressions by which the rows are gathered, besides the group. */
  readonly by: readonly { readonly name: string; readonly sql: string }[];
  /** Whether a unit is of known patients, and whether it is one patient. */
  readonly known: string;
  readonly single: string;
};

/** One unit a patient. */
export const patientUnit = (key: string): Unit => ({
  by: [{ name: "k", sql: key }],
  known: "k IS NOT NULL",
  single: "k IS NOT NULL",
});

const randomGroups = 256;
const resolved = 8;

/** Patients in random groups by a hash of their key, but for those of the first eight groups, who are units of their own. */
export const randomUnit = (key: string, isInteger: boolean): Unit => {
  const hash = isInteger ? `hashint8extended(${key}::bigint, 1)` : `hashtextextended(${key}::text, 1)`;
  const group = `(${hash} & ${randomGroups - 1})`;
  return {
    by: [
      { name: "b", sql: group },
      { name: "k", sql: `CASE WHEN ${group} < ${resolved} THEN ${key} END` },
    ],
    known: "b IS NOT NULL",
    single: "k IS NOT NULL",
  };
};

/** One row per group and unit, from `rows`. */
export function unitsSql(
  rows: string,
  groups: readonly string[],
  unit: Unit,
  givens: readonly Given[],
  letters: (given: Given) => Given["letters"],
  sums: (given: Given) => Given["sums"],
): string {
  const by = [...groups, ...unit.by.map(({ sql }) => sql)];
  const gathered = givens.flatMap((given) => [
    `count(${given.counted})::float8 AS ${countColumn(given)}`,
    ...[...sums(given)].map(([sum, sql]) => `sum(${sql}) AS ${sumColumn(given, sum)}`),
    ...letters(given).flatMap(({ letter, sql, number }) => [
      ...(unit.known === unit.single
        ? [`sum(abs(${sql})) AS t${given.index}_${letter}`]
        : [`min(${number}) AS ${lowColumn(given, letter)}`, `max(${number}) AS ${highColumn(given, letter)}`]),
    ]),
  ]);
  const units = unit.by.map(({ name, sql }) => `${sql} AS ${name}`);
  const grouping = by.length === 0 ? "" : ` GROUP BY ${by.map((_, index) => index + 1).join(", ")}`;
  const inner = `SELECT ${[...groups, ...units, "count(*)::float8 AS n", ...gathered].join(", ")} FROM ${rows}${grouping}`;
  const plain = givens.flatMap((given) => letters(given).map(({ letter }) => ({ given, letter })));
  if (plain.length === 0) return inner;
  const means = plain.map(
    ({ given, letter }) =>
      `${sumColumn(given, letter)} / nullif(${countColumn(given)}, 0) AS ${meanColumn(given, letter)}`,
  );
  const alike = plain.flatMap(({ given, letter }) => {
    const sum = sumColumn(given, letter);
    const mean = meanColumn(given, letter);
    const total = unit.known === unit.single ? `t${given.index}_${letter}` : largestTotal(given, letter);
    const count = (of: string, which: string): string =>
      `count(*) FILTER (WHERE ${which}) OVER (PARTITION BY ${[...groups, sixDigits(of, sum, total)].join(", ")}) AS ${alikeColumn(of)}`;
    return [count(sum, unit.single), count(mean, unit.known)];
  });
  return `SELECT u.*, ${alike.join(", ")} FROM (SELECT u.*, ${means.join(", ")} FROM (${inner}) AS u) AS u`;
}

/** What the absolute values of an argument cannot exceed together. */
export function largestTotal(given: Given, letter: Letter): string {
  return `${countColumn(given)} * greatest(abs(${lowColumn(given, letter)}), abs(${highColumn(given, letter)}))`;
}

/**
 * A value to twenty binary digits, so that what is equal but for the order of additions is equal; 0 where it is nothing beside the
 * absolute values that were added. The product splits a floating-point number (Veltkamp 1968).
 */
function sixDigits(value: string, sum: string, total: string): string {
  const split = `${value} * 8589934593`;
  return `CASE WHEN abs(${sum}) > 1e-6 * ${total} THEN ${split} - (${split} - ${value}) ELSE ${sum} * 0 END`;
}
