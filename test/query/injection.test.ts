import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { StatementRefused } from "../../server/query/refused.ts";
import { parseRowScope } from "../../server/query/rowScope.ts";
import { type Clinic, clinic, openClinic, sampleClinic, terms } from "./clinic.ts";

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(1, 40));
});
afterAll(() => opened.close());

const seeds = [
  "' OR '1'='1",
  "'; DROP TABLE governed.patients; --",
  "' UNION SELECT usename FROM pg_user --",
  "\\'; SELECT pg_sleep(9); --",
  "$1",
  "$$; $$",
  "%27%20OR%201=1",
  "/* */",
  "--",
  "\u02bc OR 1=1",
  "＇ OR 1=1",
  "x' || pg_read_file('/etc/passwd') || '",
  "E'\\x27'",
  "\u202e",
  "#{7*7}",
  "{{7*7}}",
  "'; SET ROLE postgres; --",
  "'; COPY (SELECT 1) TO PROGRAM 'id'; --",
  '"; --',
  "a\nb",
  "a\tb",
  "𝒳",
  "床前明月光",
  "\u0001",
  "$0",
  "\u2028",
  "0x27",
  "LIKE",
  "::text",
  "?",
  "@>",
  "#",
];
const wrappings: readonly ((seed: string) => string)[] = [
  (seed) => seed,
  (seed) => `x${seed}`,
  (seed) => `${seed}x`,
  (seed) => seed.repeat(3),
  (seed) => ` ${seed} `,
  (seed) => `(${seed})`,
  (seed) => `"${seed}"`,
  (seed) => `'${seed}'`,
  (seed) => `;${seed}`,
  (seed) => `\\${seed}`,
  (seed) => `%${seed}%`,
  (seed) => seed.toUpperCase(),
  (seed) => `${seed}--`,
  (seed) => `)${seed}(`,
  (seed) => `1${seed}`,
  (seed) => `NULL${seed}`,
  (seed) => `$2${seed}`,
  (seed) => `${seed}\n`,
  (seed) => `, ${seed}`,
];
/** More than 500 strings. */
const corpus = [...new Set(seeds.flatMap((seed) => wrappings.map((wrap) => wrap(seed))))];
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

describe("a corpus of injections", () => {
  it("has 500 strings", () => expect(corpus.length).toBeGreaterThanOrEqual(500));

  it("as a literal is only ever a bound value", async () => {
    const sql = (text: string): string =>
      `SELECT sex, count(*) FROM patients WHERE sex <> ${quoted(text)} GROUP BY sex`;
    const { text: template } = compile(await parseStatement(sql("harmless"), clinic), terms);
    for (const payload of corpus) {
      const compiled = compile(await parseStatement(sql(payload), clinic), terms);
      expect(compiled.text).toBe(template);
      expect(compiled.values).toContain(payload);
      expect((await opened.ask(sql(payload))).rows.length).toBe(2);
    }
  });

  it("as an alias is only ever a name in the answer", async () => {
    const sql = (name: string): string =>
      `SELECT sex AS "${name.replaceAll('"', '""')}", count(*) FROM patients GROUP BY 1`;
    const { text: template } = compile(await parseStatement(sql("harmless"), clinic), terms);
    for (const payload of corpus)
      expect(compile(await parseStatement(sql(payload), clinic), terms).text).toBe(template);
  });

  it.each([
    ["table", (name: string) => `SELECT count(*) FROM "${name}"`],
    ["field", (name: string) => `SELECT count("${name}") FROM patients`],
    ["function", (name: string) => `SELECT "${name}"(sex) FROM patients`],
    ["type", (name: string) => `SELECT sex::"${name}" FROM patients`],
  ])("as the name of a %s is refused", async (_, sql) => {
    for (const payload of corpus)
      await expect(parseStatement(sql(payload.replaceAll('"', '""')), clinic)).rejects.toThrow(StatementRefused);
  });

  it("as a whole statement, a condition or a row scope is refused or harmless", async () => {
    for (const payload of corpus)
      for (const sql of [
        payload,
        `SELECT count(*) FROM patients WHERE sex = ${payload}`,
        `SELECT count(*) FROM patients ${payload}`,
      ]) {
        const plan = await parseStatement(sql, clinic).catch((error: unknown) => error);
        if (!(plan instanceof StatementRefused))
          await opened.ask(sql).catch((error: { code: string }) => expect(error.code).toBe("CohortTooSmall"));
        await parseRowScope(`patients.sex = ${payload}`, clinic).catch((error: unknown) =>
          expect(error).toBeInstanceOf(StatementRefused),
        );
      }
  });

  it("in the dataset's own names stays a name", async () => {
    const evil = 'x" ; DROP TABLE y; --$1';
    const tables = clinic.tables.map((table) =>
      table.name === "wards" ? table : { ...table, name: table.name === "patients" ? evil : table.name },
    );
    const description = { ...clinic, tables, joins: [] };
    const plan = await parseStatement(`SELECT count(*) FROM "${evil.replaceAll('"', '""')}"`, description);
    expect(compile(plan, { ...terms, description, schema: 'g"; --' }).text).toContain(
      'FROM "g""; --"."x"" ; DROP TABLE y; --$1" AS b',
    );
  });
});

it("any text at all is refused with StatementRefused or read, and nothing else", async () => {
  const words = fc.constantFrom(
    "SELECT",
    "FROM",
    "patients",
    "sex",
    "count(*)",
    ",",
    "(",
    ")",
    "WHERE",
    "=",
    "'x'",
    "GROUP BY",
    "1",
    "AS",
    "JOIN",
    "ON",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "NULL",
    "::",
    "text",
    "*",
    "OVER",
    "WITH",
    "q",
    "INTO",
    "VALUES",
    "LATERAL",
    "ARRAY",
    "[",
    "]",
    "date",
    "interval",
    ".",
    "$1",
    "-",
    "NOT",
    "IN",
    "IS",
    "FILTER",
    "WITHIN GROUP",
    "ORDER BY",
    "LIMIT",
    "UNION",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(words, { maxLength: 25 }).map((list) => list.join(" ")),
    fc.array(words, { maxLength: 15 }).map((list) => `SELECT ${list.join(" ")} FROM patients`),
  );
  await fc.assert(
    fc.asyncProperty(text, async (sql) => {
      const result = await parseStatement(sql, clinic).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(StatementRefused);
      else compile(result as Awaited<ReturnType<typeof parseStatement>>, terms);
    }),
    { numRuns: 5000 },
  );
});
