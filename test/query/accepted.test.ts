import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numberFields } from "../../server/domain/dataset.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { disclosureOf, fieldsOf } from "../../server/query/plan.ts";
import { CohortTooSmall } from "../../server/query/refused.ts";
import { type Clinic, clinic, openClinic, sampleClinic } from "./clinic.ts";

const aggregate: readonly string[] = [
  "SELECT count(*) FROM patients",
  'select Sex, COUNT(*) as "n" from Patients p group by p.sex order by n desc nulls last limit 3 offset 1',
  "SELECT sex, count(*) FROM patients GROUP BY 1 ORDER BY 2 DESC, 1",
  "SELECT count(weight), count(DISTINCT sex), sum(weight), avg(weight), stddev(weight), stddev_pop(weight), variance(weight), var_pop(weight) FROM patients",
  "SELECT corr(serum, skin), covar_pop(serum, skin), covar_samp(serum, skin), regr_slope(serum, skin), regr_intercept(serum, skin), regr_r2(serum, skin), regr_count(serum, skin), regr_avgx(serum, skin), regr_avgy(serum, skin) FROM measurements",
  "SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY serum), percentile_cont(.5) WITHIN GROUP (ORDER BY serum), percentile_cont(0.750) WITHIN GROUP (ORDER BY serum) FROM measurements",
  "SELECT CASE WHEN weight < 3 THEN 'light' WHEN weight < 4 THEN 'middle' ELSE 'heavy' END AS class, count(*) FROM patients GROUP BY class",
  "SELECT CASE sex WHEN 'F' THEN 1 ELSE 2 END, count(*) FROM patients GROUP BY 1",
  "SELECT extract(year FROM born), date_part('quarter', born), date_trunc('month', taken), count(*) FROM patients JOIN measurements USING (patient_id) GROUP BY 1, 2, 3",
  "SELECT width_bucket(weight, 2, 5, 6), floor(weight), ceil(weight), ceiling(weight), round(weight), round(weight, 1), abs(-weight), count(*) FROM patients GROUP BY 1, 2, 3, 4, 5, 6, 7",
  "SELECT lower(sex), upper(sex), length(sex), left(sex, 1), substring(sex FROM 1 FOR 1), substr(sex, 1), coalesce(sex, '?'), nullif(sex, 'F'), count(*) FROM patients GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
  "SELECT count(*) FROM patients WHERE sex IN ('F', 'M') AND weight BETWEEN 2 AND 4.5 AND NOT smoker OR sex LIKE 'F%' OR sex NOT ILIKE '%m_' OR born IS NULL",
  "SELECT count(*) FROM patients WHERE smoker IS TRUE OR smoker IS NOT FALSE OR smoker IS UNKNOWN OR sex IS DISTINCT FROM 'F' OR sex NOT IN ('x') OR weight NOT BETWEEN 1 AND 2",
  "SELECT count(*) FROM patients WHERE born >= '2011-01-01' AND born < date '2013-01-01' AND born - date '2000-01-01' > 30 AND born + 30 > '2010-01-01'",
  "SELECT count(*) FROM measurements WHERE taken > '2024-01-01 08:00' AND taken < timestamp '2025-01-01T00:00:00+08:00' AND taken + interval '36 hours' > '2024-01-02'",
  "SELECT count(*) FROM patients JOIN measurements USING (patient_id) WHERE taken - born > interval '10 days' AND extract(epoch FROM taken - born) / 3600 > 24",
  "SELECT avg(CASE WHEN sex = 'F' THEN weight END), avg(weight) FILTER (WHERE sex = 'F'), count(*) FILTER (WHERE smoker) FROM patients",
  "SELECT avg((serum - skin) * (serum - skin)), avg(serum / 17.1), sum(tries * 2 + 1) FROM measurements",
  "SELECT round(100.0 * count(CASE WHEN smoker THEN 1 END) / count(*), 1) AS percent, avg(weight) * 1000 FROM patients HAVING count(*) > 10",
  'SELECT w.beds, count(DISTINCT p.patient_id) FROM patients p LEFT JOIN wards w ON p."Ward Code" = w.code AND w.beds > 10 GROUP BY w.beds',
  "SELECT m.age / 10 * 10, count(*), count(DISTINCT m.mother_id) FROM patients p JOIN mothers m ON p.mother_id = m.mother_id GROUP BY 1",
  'SELECT w.beds, count(*) FROM wards w LEFT JOIN patients p ON p."Ward Code" = w.code JOIN measurements m ON m.patient_id = p.patient_id GROUP BY 1',
  "SELECT DISTINCT sex, smoker FROM patients ORDER BY sex",
  "WITH tops AS (SELECT patient_id, max(serum) AS top, count(*) AS n FROM measurements GROUP BY patient_id) SELECT sex, avg(top), avg(n) FROM patients JOIN tops USING (patient_id) GROUP BY sex",
  "WITH women AS (SELECT patient_id, weight FROM patients WHERE sex = 'F'), heavy AS (SELECT w.weight FROM women AS w WHERE weight > 3) SELECT count(*) FROM heavy",
  "SELECT avg(t.d) FROM (SELECT patient_id, serum - skin AS d FROM measurements WHERE site = 'Head') AS t",
  "SELECT sex, count(*) FROM patients p LEFT JOIN measurements m ON m.patient_id = p.patient_id WHERE m.patient_id IS NULL GROUP BY sex",
  "SELECT cast(weight AS integer), tries::text, count(*) FROM patients JOIN measurements USING (patient_id) GROUP BY 1, 2",
  "SELECT count(*) FROM patients JOIN measurements USING (patient_id) WHERE taken::date > born AND born::timestamp < taken AND weight::numeric(5,1) > 2.5 AND weight::float8 < 5",
  "SELECT count(*) FROM patients; -- a comment",
];
const rows: readonly string[] = [
  "SELECT sex, weight FROM patients",
  "SELECT p.patient_id, serum, record_id FROM patients p JOIN measurements m ON m.patient_id = p.patient_id ORDER BY serum DESC LIMIT 200",
  "WITH tops AS (SELECT patient_id, max(serum) AS top, min(taken) AS first, max(site) AS site FROM measurements GROUP BY patient_id) SELECT top, first, site FROM tops",
  "SELECT taken, tries, serum > 200 AS high FROM measurements WHERE serum IS NOT NULL",
];

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(3, 200));
});
afterAll(() => opened.close());

const names = (bits: bigint): string[] =>
  numberFields(clinic)
    .filter(({ number }) => (bits & (1n << BigInt(number))) !== 0n)
    .map((field) => `${field.table}.${field.name}`);

describe("what analysts write", () => {
  it.each(aggregate)("runs as an aggregate: %s", async (sql) => {
    expect(disclosureOf(await parseStatement(sql, clinic))).toBe("Aggregate");
    expect((await opened.ask(sql)).rows.length).toBeGreaterThan(0);
  });

  it.each(rows)("runs as rows: %s", async (sql) => {
    expect(disclosureOf(await parseStatement(sql, clinic))).toBe("Deidentified");
    expect((await opened.ask(sql)).rows.length).toBeGreaterThan(0);
  });

  it("names the columns as PostgreSQL does", async () => {
    const { columns } = await opened.ask(
      "SELECT sex, count(*), avg(weight) AS mean, 1 + count(*), CASE WHEN true THEN 1 END FROM patients GROUP BY 1",
    );
    expect(columns).toEqual([
      { name: "sex", type: "Text" },
      { name: "count", type: "Integer" },
      { name: "mean", type: "Decimal" },
      { name: "?column?", type: "Integer" },
      { name: "case", type: "Integer" },
    ]);
  });
});

describe("fields of a statement", () => {
  const cases: readonly (readonly [sql: string, fields: readonly string[]])[] = [
    ["SELECT count(*) FROM patients", []],
    ["SELECT count(*) FROM patients WHERE weight > 3", ["patients.weight"]],
    ["SELECT sex FROM patients ORDER BY sex", ["patients.sex"]],
    ["SELECT count(*) FROM patients GROUP BY born", ["patients.born"]],
    ["SELECT count(CASE WHEN smoker THEN 1 END) FROM patients", ["patients.smoker"]],
    ["SELECT count(*) FILTER (WHERE sex = 'F') FROM patients", ["patients.sex"]],
    ["SELECT count(*) FROM patients HAVING avg(weight) > 1", ["patients.weight"]],
    ["SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY serum) FROM measurements", ["measurements.serum"]],
    [
      "SELECT count(*) FROM patients JOIN measurements USING (patient_id)",
      ["patients.patient_id", "measurements.patient_id"],
    ],
    [
      "WITH q AS (SELECT sex, born FROM patients WHERE smoker) SELECT count(*) FROM q",
      ["patients.sex", "patients.born", "patients.smoker"],
    ],
    [
      'SELECT count(*) FROM patients p LEFT JOIN wards w ON p."Ward Code" = w.code AND w.beds > 1',
      ["patients.Ward Code", "wards.code", "wards.beds"],
    ],
  ];
  it.each(cases)("%s", async (sql, expected) => {
    expect(names(fieldsOf(await parseStatement(sql, clinic)))).toEqual(expected);
  });
});

it("answers an empty and a small cohort alike", async () => {
  const none = opened.ask("SELECT count(*) FROM patients WHERE weight > 1000");
  await expect(none).rejects.toThrow(new CohortTooSmall());
  const few = opened.ask("SELECT count(*) FROM patients WHERE weight > 4.97");
  await expect(few).rejects.toThrow(new CohortTooSmall());
});
