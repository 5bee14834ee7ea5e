import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CohortTooSmall } from "../../server/query/refused.ts";
import { type Clinic, type ClinicData, openClinic, sampleClinic } from "./clinic.ts";
import {
  type Answer,
  fromSql,
  type JoinName,
  type OracleCell,
  type OracleQuery,
  oracle,
  type Piece,
  type Row,
  unknown,
  type Value,
} from "./oracle.ts";

/** 10,000 for a release: DATAPACT_ORACLE_QUERIES=10000. */
const queries = Number(process.env.DATAPACT_ORACLE_QUERIES ?? 1500);

const number = (text: string | null | undefined): Value => {
  if (text === null || text === undefined) return null;
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(3, "0")}`);
};

type Table = "p" | "m" | "o";
const piece = (sql: string, table: Table, of: (row: Row) => Value): Piece => ({
  sql,
  of,
  nulls: "Whole",
  tables: new Set([table]),
});

const numbers: { readonly [T in Table]: readonly Piece[] } = {
  p: [piece("p.weight", "p", ({ p }) => number(p.weight))],
  m: [
    piece("m.serum", "m", ({ m }) => number(m?.serum)),
    piece("m.skin", "m", ({ m }) => number(m?.skin)),
    piece("m.tries", "m", ({ m }) => number(m?.tries)),
  ],
  o: [piece("o.age", "o", ({ o }) => number(o?.age))],
};
const labels: { readonly [T in Table]: readonly Piece[] } = {
  p: [
    piece("p.sex", "p", ({ p }) => p.sex),
    piece('p."Ward Code"', "p", ({ p }) => p.ward),
    piece("p.smoker", "p", ({ p }) => p.smoker),
  ],
  m: [piece("m.site", "m", ({ m }) => m?.site ?? null)],
  o: [],
};
const joins: { readonly [J in JoinName]: readonly Table[] } = {
  patients: ["p"],
  innerMeasurements: ["p", "m"],
  leftMeasurements: ["p", "m"],
  innerMothers: ["p", "o"],
  leftMothers: ["p", "o"],
};

const union = (...pieces: readonly Piece[]): Piece["tables"] => new Set(pieces.flatMap(({ tables }) => [...tables]));
const among = (tables: readonly Table[], from: { readonly [T in Table]: readonly Piece[] }): Piece[] =>
  tables.flatMap((table) => from[table]);

/** Conditions with SQL's three values. */
function conditions(tables: readonly Table[]): fc.Arbitrary<Piece> {
  const limits = fc.constantFrom("3", "3.5", "150", "200.5", "25", "1");
  const comparison = fc
    .tuple(fc.constantFrom(...among(tables, numbers)), fc.constantFrom("<", ">=", "=", "<>"), limits)
    .map(
      ([arg, operator, limit]): Piece => ({
        sql: `${arg.sql} ${operator} ${limit}`,
        of: (row) => {
          const value = arg.of(row);
          return value === null ? null : compare(value as bigint, operator, number(limit) as bigint);
        },
        nulls: "Whole",
        tables: arg.tables,
      }),
    );
  const membership = fc.constantFrom(...among(tables, labels).filter(({ sql }) => sql !== "p.smoker")).map(
    (arg): Piece => ({
      sql: `${arg.sql} IN ('F', 'A', 'C', 'Head')`,
      of: (row) => {
        const value = arg.of(row);
        return value === null ? null : ["F", "A", "C", "Head"].includes(value as string);
      },
      nulls: "Whole",
      tables: arg.tables,
    }),
  );
  const nullTest = fc.constantFrom(...among(tables, numbers), ...among(tables, labels)).map(
    (arg): Piece => ({
      sql: `${arg.sql} IS NULL`,
      of: (row) => arg.of(row) === null,
      nulls: "Whole",
      tables: arg.tables,
    }),
  );
  const leaf = fc.oneof(comparison, membership, nullTest);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: leaf.map((arg): Piece => ({ ...arg, sql: `NOT (${arg.sql})`, of: (row) => negated(arg.of(row)) })),
    },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]) => combined("AND", a, b)) },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]) => combined("OR", a, b)) },
  );
}

function compare(a: bigint, operator: string, b: bigint): boolean {
  return operator === "<" ? a < b : operator === ">=" ? a >= b : operator === "=" ? a === b : a !== b;
}
const negated = (value: Value): Value => (value === null ? null : !value);
function combined(operator: "AND" | "OR", a: Piece, b: Piece): Piece {
  const decisive = operator === "OR";
  const of = (row: Row): Value => {
    const [x, y] = [a.of(row), b.of(row)];
    if (x === decisive || y === decisive) return decisive;
    return x === null || y === null ? null : !decisive;
  };
  return { sql: `(${a.sql} ${operator} ${b.sql})`, of, nulls: "Whole", tables: union(a, b) };
}

const when = (condition: Piece, arg: Piece): Piece => ({
  sql: `CASE WHEN ${condition.sql} THEN ${arg.sql} END`,
  of: (row) => (condition.of(row) === true ? arg.of(row) : null),
  nulls: "Conditional",
  tables: union(condition, arg),
  ...(arg.core === undefined ? {} : { core: when(condition, arg.core) }),
});

function measures(tables: readonly Table[]): fc.Arbitrary<Piece> {
  const plain = fc.constantFrom(...among(tables, numbers));
  const scaled = plain.map(
    (arg): Piece => ({
      ...arg,
      core: arg,
      sql: `${arg.sql} * 2 + 1`,
      of: (row) => mapped(arg.of(row), (value) => value * 2n + 1000n),
    }),
  );
  const difference = fc.tuple(plain, plain).map(
    ([a, b]): Piece => ({
      sql: `${a.sql} - ${b.sql}`,
      of: (row) => mapped(a.of(row), (x) => mapped(b.of(row), (y) => x - y)),
      nulls: a === b ? "Whole" : "Partial",
      tables: union(a, b),
    }),
  );
  const filtered = fc
    .tuple(conditions(tables), fc.oneof(plain, scaled))
    .map(([condition, arg]) => when(condition, arg));
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: scaled },
    { weight: 2, arbitrary: difference },
    { weight: 2, arbitrary: filtered },
  );
}
const mapped = (value: Value, change: (value: bigint) => Value): Value =>
  value === null ? null : change(value as bigint);

function cells(tables: readonly Table[]): fc.Arbitrary<OracleCell> {
  const one = piece("1", "p", () => 1000n);
  const id = piece("p.patient_id", "p", ({ p }) => p.patient_id);
  const any = fc.constantFrom(...among(tables, numbers), ...among(tables, labels));
  const measure = measures(tables);
  const options: fc.Arbitrary<OracleCell>[] = [
    fc.constant({ sql: "count(*)", kind: "count", arg: null }),
    any.map((arg) => ({ sql: `count(${arg.sql})`, kind: "count", arg })),
    any.map((arg) => ({ sql: `count(DISTINCT ${arg.sql})`, kind: "distinct", arg })),
    fc.constant({ sql: "count(DISTINCT p.patient_id)", kind: "patients", arg: id }),
    conditions(tables).map((condition) => {
      const arg = when(condition, id);
      return { sql: `count(DISTINCT ${arg.sql})`, kind: "patients", arg };
    }),
    conditions(tables).map((condition) => {
      const arg = { ...when(condition, one), tables: condition.tables };
      return { sql: `count(${arg.sql})`, kind: "count", arg };
    }),
    conditions(tables).map((condition) => ({
      sql: `count(*) FILTER (WHERE ${condition.sql})`,
      kind: "count",
      arg: { ...when(condition, one), tables: condition.tables },
    })),
    measure.map((arg) => ({ sql: `sum(${arg.sql})`, kind: "sum", arg })),
    measure.map((arg) => ({ sql: `avg(${arg.sql})`, kind: "avg", arg })),
    measure.map((arg) => ({ sql: `var_pop(${arg.sql})`, kind: "variance", arg })),
    measure.map((arg) => ({ sql: `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${arg.sql})`, kind: "median", arg })),
  ];
  return fc.oneof(...options);
}

function keys(tables: readonly Table[]): fc.Arbitrary<Piece> {
  const binned = conditions(tables).map(
    (condition): Piece => ({
      sql: `CASE WHEN ${condition.sql} THEN 'yes' ELSE 'no' END`,
      of: (row) => (condition.of(row) === true ? "yes" : "no"),
      nulls: "Conditional",
      tables: condition.tables,
    }),
  );
  return fc.oneof(fc.constantFrom(...among(tables, labels)), binned);
}

const query: fc.Arbitrary<OracleQuery> = fc.constantFrom(...(Object.keys(joins) as JoinName[])).chain((join) =>
  fc.record({
    join: fc.constant(join),
    where: fc.option(conditions(joins[join]), { nil: null }),
    keys: fc.uniqueArray(keys(joins[join]), { maxLength: 2, selector: ({ sql }) => sql }),
    cells: fc.array(cells(joins[join]), { minLength: 1, maxLength: 4 }),
  }),
);

function sqlOf({ join, where, keys: grouped, cells: chosen }: OracleQuery): string {
  const outputs = [...grouped, ...chosen].map(({ sql }) => sql).join(", ");
  const group = grouped.length === 0 ? "" : ` GROUP BY ${grouped.map((_, index) => index + 1).join(", ")}`;
  return `SELECT ${outputs} FROM ${fromSql[join]}${where === null ? "" : ` WHERE ${where.sql}`}${group}`;
}

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
});
afterAll(() => opened.close());

async function released(
  sql: string,
  minCohort: number,
  rounding: number,
): Promise<readonly (readonly (string | boolean | null)[])[]> {
  try {
    return (await opened.ask(sql, { minCohort, rounding })).rows;
  } catch (error) {
    if (error instanceof CohortTooSmall) return [];
    throw error;
  }
}

const order = (rows: readonly Answer[], keyCount: number): Answer[] =>
  rows.toSorted((a, b) => (JSON.stringify(a.slice(0, keyCount)) < JSON.stringify(b.slice(0, keyCount)) ? -1 : 1));

it(`answers ${queries} random statements as the oracle does, and never for too few patients`, async () => {
  const samples = 12;
  let answered = 0;
  let suppressed = 0;
  for (let seed = 1; seed <= samples; seed += 1) {
    const data: ClinicData = sampleClinic(seed * 7919, 12 + seed * 6);
    await opened.load(data);
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.constantFrom(2, 3, 5, 8),
        fc.constantFrom(1, 5, 10),
        async (asked, minCohort, rounding) => {
          const expected = oracle(data, asked, minCohort, rounding);
          const keyCount = asked.keys.length;
          const actual = order(await released(sqlOf(asked), minCohort, rounding), keyCount);
          const called = order(expected, keyCount).map((row, index) =>
            row.map((cell, column) => (cell === unknown ? (actual[index]?.[column] ?? null) : cell)),
          );
          const something = called.some((row) => row.slice(keyCount).some((cell) => cell !== null));
          expect({ sql: sqlOf(asked), rows: actual }).toEqual({ sql: sqlOf(asked), rows: something ? called : [] });
          if (actual.length > 0) answered += 1;
          else suppressed += 1;
        },
      ),
      { numRuns: Math.ceil(queries / samples), seed },
    );
  }
  expect(Math.min(answered, suppressed)).toBeGreaterThan(queries / 20);
});
