import { describe, expect, it } from "vitest";
import { compile } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { FieldUnlicensed, StatementRefused } from "../../server/query/refused.ts";
import { clinic, everyField, fieldNumber, terms } from "./clinic.ts";

const P = "FROM patients";

/** Each with what its refusal must name. */
const refused: { readonly [attack: string]: readonly (readonly [sql: string, names: RegExp])[] } = {
  otherStatements: [
    ["", /empty statement/],
    [";", /one statement/],
    ["-- nothing", /one statement/],
    ["SELECT 1; SELECT 2", /one statement/],
    [`SELECT count(*) ${P}; DROP TABLE patients`, /one statement/],
    ["INSERT INTO patients VALUES (1)", /InsertStmt/],
    ["UPDATE patients SET sex = 'F'", /UpdateStmt/],
    ["DELETE FROM patients", /DeleteStmt/],
    ["TRUNCATE patients", /TruncateStmt/],
    ["COPY patients TO STDOUT", /CopyStmt/],
    ["COPY patients FROM PROGRAM 'id'", /CopyStmt/],
    ["DO $$ BEGIN END $$", /DoStmt/],
    ["CREATE TABLE x (a int)", /CreateStmt/],
    ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", /CreateFunctionStmt/],
    ["EXPLAIN SELECT count(*) FROM patients", /ExplainStmt/],
    ["SET ROLE postgres", /VariableSetStmt/],
    ["RESET ROLE", /VariableSetStmt/],
    ["SET SESSION AUTHORIZATION postgres", /VariableSetStmt/],
    ["LISTEN x", /ListenStmt/],
    ["BEGIN", /TransactionStmt/],
    ["PREPARE p AS SELECT 1", /PrepareStmt/],
    ["EXECUTE p", /ExecuteStmt/],
    ["DECLARE c CURSOR FOR SELECT 1", /DeclareCursorStmt/],
    ["MERGE INTO patients USING wards ON true WHEN MATCHED THEN DELETE", /MergeStmt/],
    ["TABLE patients", /\*/],
    ["VALUES (1)", /VALUES/],
    ["SELECT FROM patients", /SELECT list/],
    ["SELECT 1", /without FROM/],
    ["SELEC count(*)", /cannot parse/],
    [`SELECT count(*) INTO x ${P}`, /intoClause/],
    [`SELECT count(*) ${P} FOR UPDATE`, /lockingClause/],
    [`SELECT sex ${P} UNION SELECT sex ${P}`, /UNION/],
    [`SELECT sex ${P} EXCEPT SELECT sex ${P}`, /UNION/],
  ],
  setConfigInSelect: [
    [`SELECT set_config('role', 'postgres', false) ${P}`, /set_config/],
    [`SELECT count(*) ${P} WHERE set_config('a.b', sex, false) = 'F'`, /set_config/],
    [`SELECT current_setting('role') ${P}`, /current_setting/],
    [`SELECT pg_catalog.set_config('role', 'x', false) ${P}`, /pg_catalog.set_config/],
    [`SELECT current_user ${P}`, /current time or user/],
    [`SELECT session_user ${P}`, /current time or user/],
  ],
  dangerousFunctions: [
    [`SELECT pg_read_file('/etc/passwd') ${P}`, /pg_read_file/],
    [`SELECT lo_import('/etc/passwd') ${P}`, /lo_import/],
    [`SELECT lo_export(1, '/tmp/x') ${P}`, /lo_export/],
    [`SELECT pg_sleep(100) ${P}`, /pg_sleep/],
    [`SELECT pg_advisory_lock(1) ${P}`, /pg_advisory_lock/],
    [`SELECT dblink('x', 'y') ${P}`, /dblink/],
    [`SELECT query_to_xml('select 1', true, true, '') ${P}`, /query_to_xml/],
    [`SELECT pg_notify('a', sex) ${P}`, /pg_notify/],
    [`SELECT nextval('s') ${P}`, /nextval/],
    [`SELECT random() ${P}`, /random/],
    [`SELECT version() ${P}`, /version/],
    [`SELECT now() ${P}`, /now/],
    [`SELECT age(born, born) ${P}`, /age.*Subtract/],
    [`SELECT repeat('x', 1000000000) ${P}`, /repeat/],
    [`SELECT "constructor"(1) ${P}`, /constructor/],
    [`SELECT "__proto__"(1) ${P}`, /__proto__/],
    [`SELECT count(*) ${P} WHERE regexp_like(sex, '(a+)+$')`, /regexp_like/],
    [`SELECT to_char(born, 'YYYY') ${P}`, /to_char/],
  ],
  catalogAccess: [
    ["SELECT count(*) FROM pg_class", /pg_class/],
    ["SELECT count(*) FROM pg_catalog.pg_authid", /schemaname/],
    ["SELECT count(*) FROM information_schema.tables", /schemaname/],
    ["SELECT count(*) FROM governed.patients", /schemaname/],
    ["SELECT count(*) FROM public.patients", /schemaname/],
    ["SELECT count(*) FROM other", /The table other/],
    ["SELECT count(*) FROM generate_series(1, 10)", /RangeFunction/],
    ["SELECT count(*) FROM ONLY patients", /ONLY/],
    ["SELECT count(*) FROM patients TABLESAMPLE SYSTEM (1)", /RangeTableSample/],
    [`SELECT xmin ${P}`, /xmin/],
    [`SELECT ctid ${P}`, /ctid/],
    [`SELECT tableoid ${P}`, /tableoid/],
    [`SELECT patients ${P}`, /The field patients/],
    [`SELECT p.patients.sex FROM patients p`, /p.patients.sex/],
    [`SELECT (p).sex FROM patients p`, /subscript/],
    [`SELECT nothing ${P}`, /nothing.*Fields here/],
    [`SELECT q.sex ${P}`, /The table q/],
    [`SELECT * ${P}`, /\*/],
    [`SELECT p.* FROM patients p`, /\*/],
    [`SELECT count(p.*) FROM patients p`, /\*/],
    ["SELECT count(sex::regclass) FROM patients", /regclass/],
    ["SELECT 'pg_authid'::regclass FROM patients", /regclass/],
  ],
  commentTricks: [
    [`SELECT count(*) ${P} /* ; */ ; /* */ DELETE FROM patients`, /one statement/],
    [`SELECT sex /**/ , /**/ ssn ${P}`, /ssn/],
    [`SELECT count(*) ${P} WHERE /* a */ pg_sleep(1) /* b */ IS NULL`, /pg_sleep/],
  ],
  singleValues: [
    [`SELECT min(weight) ${P}`, /min.*percentile_cont/],
    [`SELECT max(born) ${P}`, /max.*percentile_cont/],
    [`SELECT mode() WITHIN GROUP (ORDER BY sex) ${P}`, /mode/],
    [`SELECT array_agg(weight) ${P}`, /array_agg/],
    [`SELECT string_agg(sex, ',') ${P}`, /string_agg/],
    [`SELECT json_agg(weight) ${P}`, /json_agg/],
    [`SELECT jsonb_agg(weight) ${P}`, /jsonb_agg/],
    [`SELECT bool_or(smoker) ${P}`, /bool_or/],
    [`SELECT any_value(sex) ${P}`, /any_value/],
    [`SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY weight) ${P}`, /percentile/],
    [`SELECT percentile_cont(0) WITHIN GROUP (ORDER BY weight) ${P}`, /percentile/],
    [`SELECT percentile_cont(ARRAY[0.5]) WITHIN GROUP (ORDER BY weight) ${P}`, /percentile/],
    [`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY weight DESC) ${P}`, /percentile/],
    [`SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY weight) ${P}`, /percentile_disc/],
    [`SELECT rank() OVER (ORDER BY weight) ${P}`, /rank/],
    [`SELECT count(*) OVER () ${P}`, /over/],
    [`SELECT sum(weight) OVER (PARTITION BY sex) ${P}`, /over/],
    [`SELECT row_number() OVER () ${P}`, /row_number/],
    [`SELECT sum(DISTINCT weight) ${P}`, /DISTINCT/],
  ],
  indicatorsInSums: [
    [`SELECT sum(CASE WHEN smoker THEN 1 ELSE 0 END) ${P}`, /sum.*count\(CASE/],
    [`SELECT avg(CASE WHEN smoker THEN 1.0 END) ${P}`, /avg.*count\(CASE/],
    [`SELECT avg(CASE WHEN smoker THEN weight ELSE 0 END) ${P}`, /avg over/],
    [`SELECT sum(coalesce(weight, 0)) ${P}`, /sum over/],
    [`SELECT sum(floor(weight / 4.9)) ${P}`, /sum over/],
    [`SELECT sum(round(weight)) ${P}`, /sum over/],
    [`SELECT avg(width_bucket(weight, 1, 2, 3)) ${P}`, /avg over/],
    [`SELECT avg(1 / (weight - 3.217)) ${P}`, /avg over/],
    [`SELECT sum(tries / 3) FROM measurements`, /sum over/],
    [`SELECT sum(tries % 2) FROM measurements`, /sum over/],
    [`SELECT avg(extract(year FROM born + 37)) ${P}`, /avg over/],
    [`SELECT avg(weight * weight * weight * weight * weight) ${P}`, /at most 4/i],
    [`SELECT sum(1) ${P}`, /sum over/],
    [`WITH q AS (SELECT CASE WHEN smoker THEN 1 ELSE 0 END AS flag ${P}) SELECT sum(flag) FROM q`, /sum over/],
    [`WITH q AS (SELECT weight - 3.2 AS d, weight ${P}) SELECT avg(weight / d) FROM q`, /avg over/],
    [
      `WITH q AS (SELECT patient_id, count(CASE WHEN serum > 1 THEN 1 END) AS n FROM measurements GROUP BY 1) SELECT avg(n) FROM q`,
      /avg over/,
    ],
  ],
  linkingFields: [
    [`SELECT count(*) ${P} WHERE patient_id = 5`, /record number/],
    [`SELECT count(*) ${P} WHERE patient_id IN (5)`, /record number/],
    [`SELECT count(*) ${P} WHERE patient_id BETWEEN 1 AND 5`, /record number/],
    [`SELECT patient_id + 1 ${P}`, /record number/],
    [`SELECT patient_id::text ${P}`, /record number/],
    [`SELECT patient_id, count(*) ${P} GROUP BY patient_id`, /Grouping by a patient/],
    [`SELECT DISTINCT patient_id ${P}`, /Grouping by a patient/],
    [`SELECT patient_id ${P} ORDER BY patient_id`, /Ordering by a patient/],
    [`SELECT avg(patient_id) ${P}`, /avg/],
    [`SELECT CASE WHEN sex = 'F' THEN patient_id END ${P}`, /computed record number/],
    [`SELECT CASE WHEN sex = 'F' THEN patient_id ELSE 0 END ${P}`, /record number/],
    [`SELECT coalesce(patient_id, 0) ${P}`, /record number/],
    [`SELECT count(*) ${P} p JOIN measurements m ON p.patient_id = m.record_id`, /join/],
    [`SELECT count(*) ${P} p JOIN measurements m ON p.patient_id < m.patient_id`, /record number/],
    ["WITH q AS (SELECT patient_id, max(record_id) AS r FROM measurements GROUP BY 1) SELECT r FROM q", /max/],
  ],
  directFields: [
    [`SELECT name ${P}`, /patients.name.*Direct/],
    [`SELECT count(*) ${P} WHERE name = 'x'`, /Direct/],
    [`SELECT count(*) ${P} GROUP BY name`, /Direct/],
    [`SELECT sex ${P} ORDER BY name`, /Direct/],
    ["SELECT count(DISTINCT ssn) FROM mothers", /Direct/],
    [`SELECT count(*) ${P} JOIN mothers ON ssn = patient_id`, /Direct/],
  ],
  joins: [
    [`SELECT count(*) ${P}, wards`, /comma/],
    [`SELECT count(*) ${P} CROSS JOIN wards`, /without a declared key/],
    [`SELECT count(*) ${P} NATURAL JOIN measurements`, /isNatural/],
    [`SELECT count(*) ${P} p RIGHT JOIN measurements m ON p.patient_id = m.patient_id`, /RIGHT/],
    [`SELECT count(*) ${P} p FULL JOIN measurements m ON p.patient_id = m.patient_id`, /FULL/],
    [`SELECT count(*) ${P} p JOIN measurements m ON p.weight = m.serum`, /declared key/],
    [`SELECT count(*) ${P} p JOIN measurements m ON true`, /declared key/],
    [`SELECT count(*) ${P} p JOIN measurements m ON p.patient_id = p.patient_id`, /declared key/],
    [`SELECT count(*) ${P} p JOIN patients p USING (patient_id)`, /second table called p/],
    [`SELECT patient_id ${P} JOIN measurements USING (patient_id)`, /several tables/],
    [
      `SELECT count(*) ${P} p JOIN (wards w JOIN patients q ON w.code = p."Ward Code") ON q."Ward Code" = w.code`,
      /declared key|other tables/,
    ],
    [`SELECT count(*) ${P}, LATERAL (SELECT 1) x`, /comma/],
    ["SELECT beds FROM wards", /without a table of patients/],
    ['SELECT count(*) FROM wards LEFT JOIN patients ON code = "Ward Code"', /without a table of patients/],
    [
      `SELECT count(*) ${P} p ${Array.from({ length: 17 }, (_, n) => `JOIN patients p${n} ON p${n}.patient_id = p.patient_id`).join(" ")}`,
      /many tables/,
    ],
  ],
  derivedTables: [
    [`SELECT (SELECT count(*) ${P}) ${P}`, /subquery/],
    [`SELECT count(*) ${P} WHERE EXISTS (SELECT 1 FROM wards)`, /subquery/],
    [`SELECT count(*) ${P} WHERE sex IN (SELECT sex ${P})`, /subquery/],
    [`SELECT count(*) ${P} WHERE weight > ALL (SELECT weight ${P})`, /subquery/],
    [`WITH RECURSIVE q AS (SELECT sex ${P}) SELECT count(*) FROM q`, /recursive/],
    [`WITH q AS (DELETE ${P} RETURNING *) SELECT count(*) FROM q`, /./],
    [`WITH q AS (SELECT sex, count(*) ${P} GROUP BY sex) SELECT count(*) FROM q`, /Groups inside/],
    [`WITH q AS (SELECT count(*) AS n ${P}) SELECT n FROM q`, /Groups inside/],
    [`WITH q AS (SELECT sex ${P} ORDER BY sex LIMIT 1) SELECT count(*) FROM q`, /inside a derived table/],
    [`WITH q AS (SELECT DISTINCT sex ${P}) SELECT count(*) FROM q`, /inside a derived table/],
    [
      `WITH q AS (SELECT p.patient_id, max(m.age) AS a ${P} p JOIN mothers m USING (mother_id) GROUP BY 1) SELECT avg(a) FROM q`,
      /Groups inside/,
    ],
    [
      `WITH q AS (SELECT m.patient_id, count(*) AS n ${P} p LEFT JOIN measurements m ON m.patient_id = p.patient_id GROUP BY 1) SELECT avg(n) FROM q`,
      /Groups inside/,
    ],
    [`SELECT count(*) FROM (SELECT sex ${P})`, /without a name/],
    [`SELECT count(*) FROM (VALUES (1)) AS v`, /VALUES/],
    [
      `WITH a AS (SELECT sex ${P}), b AS (SELECT x.sex FROM a x JOIN a y ON true) SELECT count(*) FROM b`,
      /declared key/,
    ],
  ],
  grouping: [
    [`SELECT sex, count(*) ${P}`, /sex outside an aggregate/],
    [`SELECT weight, count(*) ${P} GROUP BY sex`, /weight outside/],
    [`SELECT count(*) ${P} GROUP BY ROLLUP (sex)`, /ROLLUP/],
    [`SELECT count(*) ${P} GROUP BY CUBE (sex, smoker)`, /ROLLUP or CUBE/],
    [`SELECT count(*) ${P} GROUP BY GROUPING SETS ((sex), ())`, /GROUPING SETS/],
    [`SELECT count(*) ${P} GROUP BY 2`, /1 to 1/],
    [`SELECT count(*) ${P} GROUP BY count(*)`, /aggregate count here/],
    [`SELECT count(count(*)) ${P}`, /aggregate count here/],
    [`SELECT count(*) ${P} WHERE count(*) > 1`, /aggregate count here/],
    [`SELECT sex ${P} ORDER BY weight`, /not an output column/],
    [`SELECT sex, count(*) ${P} GROUP BY sex ORDER BY avg(weight)`, /not an output column/],
    [`SELECT DISTINCT ON (sex) sex ${P}`, /DISTINCT/],
    [`SELECT count(*) ${P} LIMIT 0`, /LIMIT/],
    [`SELECT count(*) ${P} LIMIT 1 + 1`, /LIMIT/],
    [`SELECT sex ${P} FETCH FIRST 3 ROWS WITH TIES`, /./],
    [`SELECT taken - taken FROM measurements`, /interval/],
    [`SELECT count(*) ${P} WINDOW w AS (ORDER BY sex)`, /windowClause/],
  ],
  expressions: [
    [`SELECT $1 ${P}`, /parameter/],
    [`SELECT count(*) ${P} WHERE sex = $1`, /parameter/],
    [`SELECT sex || 'x' ${P}`, /\|\|/],
    [`SELECT count(*) ${P} WHERE sex ~ '(a+)+'`, /operator ~/],
    [`SELECT count(*) ${P} WHERE sex SIMILAR TO 'x'`, /operator ~/],
    [`SELECT count(*) ${P} WHERE sex OPERATOR(pg_catalog.=) 'F'`, /operator/],
    [`SELECT weight ^ 2 ${P}`, /operator \^/],
    [`SELECT count(*) ${P} WHERE sex LIKE sex`, /LIKE/],
    [`SELECT count(*) ${P} WHERE sex LIKE '%_%_%_%_%_%_%_%_'`, /LIKE/],
    [`SELECT count(*) ${P} WHERE sex LIKE 'x\\'`, /LIKE/],
    [`SELECT count(*) ${P} WHERE sex LIKE 'x' ESCAPE '!'`, /LIKE/],
    [`SELECT sex::integer ${P}`, /cast of Text to Integer/],
    [`SELECT sex::date ${P}`, /cast of Text to Date/],
    [`SELECT smoker::integer ${P}`, /cast of Boolean to Integer/],
    [`SELECT sex::varchar(3) ${P}`, /varchar/],
    [`SELECT 'x'::xml ${P}`, /xml/],
    [`SELECT weight::numeric(5,-2) ${P}`, /numeric/],
    [`SELECT count(*) ${P} WHERE sex > 5`, /operator >/],
    [`SELECT count(*) ${P} WHERE born > 'yesterday'`, /yesterday/],
    [`SELECT count(*) ${P} WHERE born > '2024-02-30'`, /2024-02-30/],
    [`SELECT count(*) ${P} WHERE born > 'infinity'`, /infinity/],
    [`SELECT count(*) ${P} WHERE weight > 'NaN'`, /NaN/],
    [`SELECT count(*) ${P} WHERE weight > 1e400`, /1e400/],
    [`SELECT count(*) ${P} WHERE weight > 'x'`, /'x' as Decimal/],
    [`SELECT count(*) ${P} WHERE sex`, /not a condition/],
    [`SELECT count(*) ${P} WHERE 1`, /not a condition/],
    [`SELECT born + tries FROM measurements JOIN patients USING (patient_id)`, /computed shift/],
    [`SELECT born + 99999999 ${P}`, /shift this far/],
    [`SELECT born + interval '9999 years' ${P}`, /Interval/],
    [`SELECT width_bucket(weight, 1, 1, 3) ${P}`, /equal bounds/],
    [`SELECT width_bucket(weight, 1, 2, 0) ${P}`, /count of width_bucket/],
    [`SELECT width_bucket(weight, weight, 2, 3) ${P}`, /bound of width_bucket/],
    [`SELECT round(weight, 1000000) ${P}`, /digits of round/],
    [`SELECT left(sex, -1) ${P}`, /count of left/],
    [`SELECT extract(timezone FROM taken) FROM measurements`, /extract/],
    [`SELECT date_trunc('millennium', taken) FROM measurements`, /date_trunc/],
    [`SELECT date_trunc(sex, born) ${P}`, /date_trunc/],
    [`SELECT greatest(weight, 1) ${P}`, /greatest/],
    [`SELECT ARRAY[weight] ${P}`, /array/],
    [`SELECT ROW(weight) ${P}`, /row/i],
    [`SELECT sex COLLATE "C" ${P}`, /COLLATE/],
    [`SELECT current_date ${P}`, /current time/],
    [`SELECT xmlparse(content 'x') ${P}`, /XmlExpr/],
    [`SELECT taken AT TIME ZONE 'UTC' FROM measurements`, /timezone/],
    [`SELECT count(VARIADIC sex) ${P}`, /./],
    [`SELECT B'101' ${P}`, /constant/],
  ],
};

describe.each(Object.entries(refused))("%s", (_, attacks) => {
  it.each(attacks)("%s", async (sql, names) => {
    const error = await parseStatement(sql, clinic).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StatementRefused);
    expect((error as StatementRefused).message).toMatch(names);
    expect((error as StatementRefused).code).toBe("StatementRefused");
  });
});

describe("text that is not a statement", () => {
  const unfit: readonly (readonly [name: string, sql: string])[] = [
    ["NUL", "SELECT count(*) FROM patients\0; DROP TABLE patients"],
    ["a lone surrogate", "SELECT '\ud800' FROM patients"],
    ["9 KB", `SELECT count(*) FROM patients -- ${"x".repeat(9000)}`],
    ["9 KB in few characters", `SELECT count(*) FROM patients -- ${"床".repeat(3000)}`],
    ["4,000 brackets", `SELECT ${"(".repeat(4000)}1${")".repeat(4000)}`],
    ["61 brackets", `SELECT ${"(".repeat(61)}1${")".repeat(61)} FROM patients`],
    ["2,000 NOT", `SELECT 1 FROM patients WHERE ${"not ".repeat(1900)} true`],
    ["4,000 minus", `SELECT ${"- ".repeat(3900)} 1 FROM patients`],
    ["a sum of 4,000", `SELECT 1${"+1".repeat(3900)} FROM patients`],
    ["a sum of 400", `SELECT 1${"+1".repeat(400)} FROM patients`],
    ["1,000 casts", `SELECT 1${"::int".repeat(1000)} FROM patients`],
    ["1,500 IS NULL", `SELECT count(*) FROM patients WHERE sex${" is null".repeat(900)}`],
    ["nested CASE", `SELECT ${"case when true then ".repeat(200)}1${" end".repeat(200)} FROM patients`],
    ["1,000 subscripts", `SELECT a${"[1]".repeat(1000)} FROM patients`],
    ["600 joins", `SELECT count(*) FROM patients${" cross join patients".repeat(300)}`],
    ["500 unions", `SELECT 1${" union select 1".repeat(500)}`],
  ];
  it.each(unfit)("refuses %s with little work", async (_, sql) => {
    const before = process.cpuUsage();
    await expect(parseStatement(sql, clinic)).rejects.toThrow(StatementRefused);
    // of the processor, so that other processes do not count
    expect(process.cpuUsage(before).user).toBeLessThan(200_000);
  });

  it("refuses doubling WITH queries before they double", async () => {
    const queries = Array.from(
      { length: 40 },
      (_, n) => `q${n + 1} AS (SELECT a.patient_id FROM q${n} a JOIN q${n} b ON a.patient_id = b.patient_id)`,
    );
    const sql = `WITH q0 AS (SELECT patient_id FROM patients), ${queries.join(", ")} SELECT count(*) FROM q40`;
    await expect(parseStatement(sql, clinic)).rejects.toThrow(/many tables/);
  });
});

describe("what a refusal says", () => {
  it("names the character, counted in characters", async () => {
    const sql = "SELECT '床' = sex, evil(1) FROM patients";
    await expect(parseStatement(sql, clinic)).rejects.toMatchObject({ facts: { position: sql.indexOf("evil") + 1 } });
  });

  it("names what is allowed", async () => {
    await expect(parseStatement("SELECT count(*) FROM patient", clinic)).rejects.toThrow(
      "The table patient at character 22 is not accepted. Tables of the dataset: patients, measurements, mothers, wards.",
    );
  });
});

describe("a field outside the licence", () => {
  const without = (name: string): bigint => everyField & ~(1n << BigInt(fieldNumber(name)));
  const places: { readonly [place: string]: string } = {
    unlicensedColumnInSelect: "SELECT sex, weight FROM patients",
    unlicensedColumnInWhere: "SELECT count(*) FROM patients WHERE weight > 3",
    unlicensedColumnInGroupBy: "SELECT count(*) FROM patients GROUP BY weight",
    unlicensedColumnInHaving: "SELECT count(*) FROM patients HAVING avg(weight) > 3",
    unlicensedColumnInOrderBy: "SELECT weight AS w FROM patients ORDER BY w",
    unlicensedColumnInCase: "SELECT count(CASE WHEN weight > 3 THEN 1 END) FROM patients",
    unlicensedColumnInFilter: "SELECT count(*) FILTER (WHERE weight > 3) FROM patients",
    unlicensedColumnInAggregate: "SELECT avg(weight) FROM patients",
    unlicensedColumnInPercentile: "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY weight) FROM patients",
    unlicensedColumnInOn:
      "SELECT count(*) FROM patients p JOIN measurements m ON p.patient_id = m.patient_id AND p.weight > 3",
    unlicensedColumnInUnusedQuery: "WITH q AS (SELECT weight FROM patients) SELECT count(*) FROM q",
    unlicensedColumnUnderAnotherCase: "SELECT avg(WEIGHT) FROM Patients",
  };
  it.each(Object.entries(places))("%s", async (_, sql) => {
    const plan = await parseStatement(sql, clinic);
    expect(() => compile(plan, { ...terms, fields: without("patients.weight") })).toThrow(
      new FieldUnlicensed(["patients.weight"]),
    );
    expect(compile(plan, terms).text).toContain('"weight"');
  });

  it("unlicensedJoinKey", async () => {
    const plan = await parseStatement("SELECT count(*) FROM patients JOIN measurements USING (patient_id)", clinic);
    expect(() => compile(plan, { ...terms, fields: without("measurements.patient_id") })).toThrow(FieldUnlicensed);
  });

  it("is not needed for the gateway's own counting", async () => {
    const plan = await parseStatement("SELECT sex, count(*) FROM patients GROUP BY sex", clinic);
    expect(() => compile(plan, { ...terms, fields: 1n << BigInt(fieldNumber("patients.sex")) })).not.toThrow();
  });
});
