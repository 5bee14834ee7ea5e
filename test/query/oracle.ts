import type { ClinicData, Measurement, Mother, Patient } from "./clinic.ts";

/** A joined row of the clinic as the oracle sees it. */
export type Row = { readonly p: Patient; readonly m: Measurement | null; readonly o: Mother | null };
/** Numbers are integers in thousandths. */
export type Value = bigint | string | boolean | null;
export type Piece = {
  readonly sql: string;
  readonly of: (row: Row) => Value;
  /** As documented: when it is null. */
  readonly nulls: "Whole" | "Partial" | "Conditional";
  readonly tables: ReadonlySet<"p" | "m" | "o">;
  /** Set where the piece is `2 * core + 1`. */
  readonly core?: Piece;
};
export type OracleCell = {
  readonly sql: string;
  readonly kind: "count" | "distinct" | "patients" | "mothers" | "sum" | "avg" | "variance" | "median";
  readonly arg: Piece | null;
};
export type JoinName = "patients" | "innerMeasurements" | "leftMeasurements" | "innerMothers" | "leftMothers";
export type OracleQuery = {
  readonly join: JoinName;
  readonly where: Piece | null;
  readonly keys: readonly Piece[];
  readonly cells: readonly OracleCell[];
};
type Rational = { readonly n: bigint; readonly d: bigint };
type Class = { readonly table: "p" | "m" | "o"; readonly nullable: boolean; readonly key: (row: Row) => string | null };

export const fromSql: { readonly [J in JoinName]: string } = {
  patients: "patients p",
  innerMeasurements: "patients p JOIN measurements m ON m.patient_id = p.patient_id",
  leftMeasurements: "patients p LEFT JOIN measurements m ON m.patient_id = p.patient_id",
  innerMothers: "patients p JOIN mothers o ON o.mother_id = p.mother_id",
  leftMothers: "patients p LEFT JOIN mothers o ON o.mother_id = p.mother_id",
};

const patient: Class = { table: "p", nullable: false, key: ({ p }) => p.patient_id };
const measured: Class = { table: "m", nullable: true, key: ({ m }) => m?.patient_id ?? null };
const mother = (nullable: boolean): Class => ({ table: "o", nullable, key: ({ o }) => o?.ssn ?? null });
const classesOf: { readonly [J in JoinName]: readonly Class[] } = {
  patients: [patient],
  innerMeasurements: [patient],
  leftMeasurements: [patient, measured],
  innerMothers: [patient, mother(false)],
  leftMothers: [patient, mother(true)],
};

function joined(data: ClinicData, join: JoinName): Row[] {
  return data.patients.flatMap((p): Row[] => {
    if (join === "patients") return [{ p, m: null, o: null }];
    if (join === "innerMothers" || join === "leftMothers") {
      const found = data.mothers.filter(({ mother_id }) => mother_id === p.mother_id).map((o) => ({ p, m: null, o }));
      return found.length === 0 && join === "leftMothers" ? [{ p, m: null, o: null }] : found;
    }
    const found = data.measurements
      .filter(({ patient_id }) => patient_id === p.patient_id)
      .map((m) => ({ p, m, o: null }));
    return found.length === 0 && join === "leftMeasurements" ? [{ p, m: null, o: null }] : found;
  });
}

export const unknown = Symbol("too close to a threshold to call");
export type Answer = readonly (string | boolean | null | typeof unknown)[];

/** Computes by brute force what may leave. */
export function oracle(data: ClinicData, query: OracleQuery, minCohort: number, rounding: number): Answer[] {
  const rows = joined(data, query.join).filter((row) => query.where === null || query.where.of(row) === true);
  const groups = Map.groupBy(rows, (row) => JSON.stringify(query.keys.map(({ of }) => shown(of(row)))));
  if (query.keys.length === 0 && groups.size === 0) groups.set("[]", []);
  const classes = classesOf[query.join];
  return [...groups].flatMap(([key, group]) => {
    if (!classes.every((of) => groupLeaves(query, of, group, minCohort))) return [];
    const cells = query.cells.map((cell) => told(cell, classes, group, minCohort, rounding));
    return [[...(JSON.parse(key) as (string | boolean | null)[]), ...cells]];
  });
}

type Told = string | null | typeof unknown;

/** What leaves of a cell. Constants are taken out: twice the figure and one, of a sum one for each that is counted. */
function told(
  cell: OracleCell,
  classes: readonly Class[],
  group: readonly Row[],
  minCohort: number,
  rounding: number,
): Told {
  const core = cell.arg?.core;
  const plain = (kind: OracleCell["kind"], arg: Piece | null): Told => {
    const guards = classes.map((of) => cellLeaves({ ...cell, kind, arg }, of, group, minCohort));
    if (guards.includes(false)) return null;
    return guards.includes(unknown) ? unknown : released({ ...cell, kind, arg }, classes, group, rounding);
  };
  if (core === undefined || !["sum", "avg", "variance", "median"].includes(cell.kind))
    return plain(cell.kind, cell.arg);
  const figure = plain(cell.kind, core);
  const ones = { sum: () => plain("count", core), variance: () => "0" }[cell.kind as "sum" | "variance"]?.() ?? "1";
  if (figure === null || ones === null) return null;
  if (figure === unknown || ones === unknown) return unknown;
  const [value, shift] = [parsed(figure), parsed(ones)];
  const scale = cell.kind === "variance" ? 4n : 2n;
  return decimal({ n: scale * value.n * shift.d + shift.n * value.d, d: value.d * shift.d }, 40);
}

function parsed(text: string): Rational {
  const [whole = "", fraction = ""] = text.split(".");
  return { n: BigInt(whole + fraction), d: 10n ** BigInt(fraction.length) };
}

function shown(value: Value): string | boolean | null {
  return typeof value === "bigint" ? decimal({ n: value, d: 1000n }, 3) : value;
}

const distinct = (of: Class, rows: readonly Row[]): Set<string> =>
  new Set(rows.map(of.key).filter((key) => key !== null));

function groupLeaves({ where, keys }: OracleQuery, of: Class, group: readonly Row[], minCohort: number): boolean {
  const patients = distinct(of, group).size;
  const named = [where, ...keys].some((piece) => piece?.tables.has(of.table));
  return patients >= minCohort || (of.nullable && (patients === 0 || !named));
}

function cellLeaves(
  { kind, arg }: OracleCell,
  of: Class,
  group: readonly Row[],
  minCohort: number,
): boolean | typeof unknown {
  const gives = (row: Row): boolean => arg === null || arg.of(row) !== null;
  const contributing = group.filter(gives);
  const patients = distinct(of, contributing).size;
  const countsValues = kind === "distinct" || kind === "patients" || kind === "mothers";
  if (of.nullable && !arg?.tables.has(of.table)) return countsValues || patients === 0 || patients >= minCohort;
  if (patients < (kind === "median" ? 2 : 1) * minCohort) return false;
  const countsOf = (kind === "patients" && of.table === "p") || (kind === "mothers" && of.table === "o");
  const others = countsOf
    ? distinct(of, group).size - patients
    : distinct(
        of,
        group.filter((row) => !gives(row)),
      ).size;
  if (arg?.nulls === "Conditional" && others < minCohort) return false;
  if (arg?.nulls === "Partial" && others > 0 && others < minCohort) return false;
  if (countsValues) return true;
  const own = ownRows(of, contributing);
  if (kind !== "count" && arg !== null && alike(arg, own) > own.length - minCohort) return false;
  return dominated(kind, arg, own);
}

const ownRows = (of: Class, rows: readonly Row[]): Row[][] =>
  [...Map.groupBy(rows, of.key)].filter(([key]) => key !== null).map(([, own]) => own);

const total = (arg: Piece, rows: readonly Row[]): bigint =>
  rows.reduce((sum, row) => sum + (arg.of(row) as bigint), 0n);

/** How many patients give the same sum or the same mean, at most. */
function alike(arg: Piece, patients: readonly (readonly Row[])[]): number {
  const all = patients.reduce((product, own) => product * BigInt(own.length), 1n);
  const sums = patients.map((own) => total(arg, own));
  const means = patients.map((own) => (total(arg, own) * all) / BigInt(own.length));
  return Math.max(...[sums, means].flatMap((given) => [...Map.groupBy(given, String).values()].map((of) => of.length)));
}

/** Half of the rows, of the sum, or of the spread from one patient. */
function dominated(
  kind: OracleCell["kind"],
  arg: Piece | null,
  patients: readonly (readonly Row[])[],
): boolean | typeof unknown {
  const sizes = patients.map((own) => own.length);
  if (2 * Math.max(...sizes) > sizes.reduce((sum, size) => sum + size, 0)) return false;
  if (kind === "count" || kind === "median" || arg === null) return true;
  return spreadLeaves(arg, patients);
}

function spreadLeaves(arg: Piece, patients: readonly (readonly Row[])[]): boolean | typeof unknown {
  const sums = patients
    .map((own) => own.reduce((sum, row) => sum + (arg.of(row) as bigint), 0n))
    .map((sum) => (sum < 0n ? -sum : sum));
  const largest = sums.reduce((most, sum) => (sum > most ? sum : most), 0n);
  if (2n * largest > sums.reduce((sum, own) => sum + own, 0n)) return false;
  const means = patients.map((own) => own.reduce((sum, row) => sum + Number(arg.of(row)), 0) / own.length);
  const center = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  const squares = means.map((mean) => (mean - center) ** 2);
  const [most, all] = [Math.max(...squares), squares.reduce((sum, square) => sum + square, 0)];
  if (means.every((mean) => mean === means[0])) return true;
  if (Math.abs(2 * most - all) <= 1e-9 * all) return unknown;
  return 2 * most <= all;
}

function released(
  { kind, arg }: OracleCell,
  classes: readonly Class[],
  group: readonly Row[],
  rounding: number,
): string | null {
  const values = group.map((row) => (arg === null ? true : arg.of(row))).filter((value) => value !== null);
  if (kind === "count") return rounded(values.length, rounding);
  if (kind === "distinct" || kind === "patients" || kind === "mothers" || arg === null)
    return rounded(new Set(values.map(String)).size, rounding);
  const concerned = classes.filter(({ nullable, table }) => !nullable || arg.tables.has(table));
  const patients = concerned.map((of) =>
    ownRows(
      of,
      group.filter((row) => arg.of(row) !== null),
    ),
  );
  const value = exact(kind, values as bigint[]);
  if (kind === "variance") {
    const shares = patients.map(shareOf);
    const enough = (power: number): boolean =>
      shares.every(({ n, d }) => 1_000_001n * d >= BigInt(power * rounding) * n * 1_000_000n);
    return significant(value, [10, 100, 1000].filter(enough).length + 1);
  }
  const steps = patients.map((own) => niceStep(stepOf(kind, arg, own, BigInt(rounding))));
  return significant(
    multiple(
      value,
      steps.reduce((most, step) => (less(most, step) ? step : most)),
    ),
    4,
  );
}

function exact(kind: OracleCell["kind"], numbers: readonly bigint[]): Rational {
  const sum = numbers.reduce((all, value) => all + value, 0n);
  const count = BigInt(numbers.length);
  if (kind === "sum") return { n: sum, d: 1000n };
  if (kind === "avg") return { n: sum, d: 1000n * count };
  if (kind === "variance") {
    const squares = numbers.reduce((all, value) => all + value * value, 0n);
    return { n: count * squares - sum * sum, d: 1_000_000n * count * count };
  }
  const sorted = numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [low = 0n, high = 0n] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return { n: low + high, d: 2000n };
}

const less = (a: Rational, b: Rational): boolean => a.n * b.d < b.n * a.d;

/** What `rounding` patients are worth: of sums the range from 0, of averages and medians their share of the range of means. */
function stepOf(
  kind: OracleCell["kind"],
  arg: Piece,
  patients: readonly (readonly Row[])[],
  rounding: bigint,
): Rational {
  const given = patients.map((own) => ({ n: total(arg, own), d: kind === "sum" ? 1n : BigInt(own.length) }));
  const sorted = [...given, ...(kind === "sum" ? [{ n: 0n, d: 1n }] : [])].toSorted((a, b) => (less(a, b) ? -1 : 1));
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) throw new Error("nobody contributes");
  const range = { n: high.n * low.d - low.n * high.d, d: high.d * low.d * 1000n };
  const share = kind === "sum" ? { n: 1n, d: 1n } : shareOf(patients);
  return { n: rounding * range.n * share.n, d: range.d * share.d };
}

/** The share that a patient has in the rows, on average over the rows. */
function shareOf(patients: readonly (readonly Row[])[]): Rational {
  const sizes = patients.map((own) => BigInt(own.length));
  const rows = sizes.reduce((sum, size) => sum + size, 0n);
  return { n: sizes.reduce((sum, size) => sum + size * size, 0n), d: rows * rows };
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below, but for a millionth. */
function niceStep(step: Rational): Rational {
  const scale = 10n ** 12n;
  const candidates = Array.from({ length: 30 }, (_, power) =>
    [1n, 2n, 5n].map((times) => times * 10n ** BigInt(power)),
  );
  const found = candidates.flat().find((nice) => {
    const [leading] = [...String(nice)];
    const slack = nice + nice / (1_000_000n * BigInt(leading ?? 1));
    return slack * step.d >= step.n * scale;
  });
  if (found === undefined) throw new Error("too large a step");
  return { n: found, d: scale };
}

/** The nearest multiple of a step, halves away from zero. */
function multiple(value: Rational, step: Rational): Rational {
  const [n, d] = [(value.n < 0n ? -value.n : value.n) * step.d, value.d * step.n];
  const times = (2n * n + d) / (2n * d);
  return { n: (value.n < 0n ? -times : times) * step.n, d: step.d };
}

function rounded(count: number, base: number): string {
  return String(Math.floor(count / base + 0.5) * base);
}

/** Significant digits, halves away from zero, without trailing zeros. */
function significant(value: Rational, kept: number): string {
  if (value.n === 0n) return "0";
  const size = { n: value.n < 0n ? -value.n : value.n, d: value.d };
  let exponent = 0;
  while (size.n >= size.d * 10n ** BigInt(Math.max(0, exponent + 1))) exponent += 1;
  while (exponent <= 0 && size.n * 10n ** BigInt(-exponent) < size.d) exponent -= 1;
  const digits = kept - 1 - exponent;
  return `${value.n < 0n ? "-" : ""}${decimal(size, digits)}`;
}

function decimal({ n, d }: Rational, digits: number): string {
  const [sign, size] = [n < 0n ? "-" : "", n < 0n ? -n : n];
  const [up, down] = [10n ** BigInt(Math.max(0, digits)), 10n ** BigInt(Math.max(0, -digits))];
  const units = (2n * size * up + d * down) / (2n * d * down);
  if (digits <= 0) return `${sign}${units * down}`;
  const text = String(units).padStart(digits + 1, "0");
  const trimmed = `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, "");
  return trimmed === "0" ? "0" : `${sign}${trimmed}`;
}
