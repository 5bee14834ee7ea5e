import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CohortTooSmall } from "../../server/query/refused.ts";
import { type Clinic, openClinic, sampleClinic } from "./clinic.ts";

/** Errors that depend on data would tell whether a row exists. No accepted statement has any. */
let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(2, 60));
  await opened.client.query(`
    ALTER TABLE governed.patients ALTER born TYPE date, ALTER weight TYPE double precision;
    UPDATE governed.patients SET born = 'infinity' WHERE patient_id % 7 = 0;
    UPDATE governed.patients SET born = '-infinity' WHERE patient_id % 7 = 1;
    UPDATE governed.patients SET born = '4713-01-01 BC' WHERE patient_id % 7 = 2;
    UPDATE governed.patients SET born = '5874897-12-31' WHERE patient_id % 7 = 3;
    UPDATE governed.patients SET weight = 'NaN' WHERE patient_id % 11 = 0;
    UPDATE governed.patients SET weight = 'Infinity' WHERE patient_id % 11 = 1;
    UPDATE governed.patients SET weight = 0 WHERE patient_id % 11 = 2;
    UPDATE governed.patients SET weight = 1e308 WHERE patient_id % 11 = 3;
    UPDATE governed.patients SET weight = -1e-300 WHERE patient_id % 11 = 4;
    UPDATE governed.measurements SET taken = 'infinity' WHERE record_id % 5 = 0;
    UPDATE governed.measurements SET taken = '294276-12-31' WHERE record_id % 5 = 1;
    UPDATE governed.measurements SET serum = 1e99 WHERE record_id % 5 = 2;
    UPDATE governed.measurements SET serum = 1e-99 WHERE record_id % 5 = 3;
    UPDATE governed.measurements SET serum = 'NaN' WHERE record_id % 5 = 4;
    UPDATE governed.measurements SET tries = 9223372036854775807 WHERE record_id % 3 = 0;
    UPDATE governed.measurements SET tries = -9223372036854775808 WHERE record_id % 3 = 1;
    UPDATE governed.measurements SET tries = 0 WHERE record_id % 3 = 2;
    UPDATE governed.measurements SET site = '';
  `);
});
afterAll(() => opened.close());

describe("extreme data never fails a statement", () => {
  it.each([
    "1 / weight > 0",
    "weight / (weight - weight) > 0",
    "5 % tries = 1",
    "tries / tries = 1",
    "tries * tries * tries > 0",
    "-tries > 0",
    "abs(tries) > 0",
    "tries + tries > 0",
    "serum * serum * serum * serum > 0",
    "serum * 100000000000000000000000000000 * serum > 0",
    "serum::integer > 0",
    "(serum * serum)::integer + tries > 0",
    "round(serum, 10) > 0",
    "round(serum, -10) > 0",
    "floor(serum) > 0 OR ceil(weight) > 0",
    "width_bucket(weight, 0, 1, 10) > 5",
    "width_bucket(serum, 1, 0, 10) > 5",
    "taken - born > interval '1 day'",
    "extract(epoch FROM taken - born) / 3600 > 24",
    "extract(year FROM born) > 2000 AND extract(second FROM taken) > 1",
    "date_trunc('year', born) > '2000-01-01'",
    "date_trunc('week', taken) > '2000-01-01'",
    "born + 36525 > '2000-01-01' OR born - 36525 > '2000-01-01'",
    "taken + interval '100 years' > '2000-01-01' OR taken - interval '100 years' > '2000-01-01'",
    "born::timestamp > taken OR taken::date > born",
    "born - date '9999-12-31' < 0",
    "left(site, 3) = '' OR substring(site FROM 500 FOR 2) = '' OR length(site) = 0",
    "site LIKE '\\%\\_\\\\%' OR site ILIKE '%%%%%%%%'",
    "tries::text LIKE '9%' OR lower(site) = upper(sex)",
    "tries > 99999999999999999999999999999 OR tries = 3.5",
    "nullif(weight, 0) > 1 OR coalesce(weight, tries) > 0",
    "CASE WHEN weight > 0 THEN 1 / weight ELSE tries END > 0",
    "serum IN (1, 2.5, 99999999999999999999)",
  ])("WHERE %s", async (condition) => {
    const sql = `SELECT count(*) FROM patients JOIN measurements USING (patient_id) WHERE (${condition}) OR sex IS NOT NULL`;
    expect((await opened.ask(sql)).rows.length).toBe(1);
  });

  it.each([
    "sum(serum), avg(serum), stddev(serum), variance(serum)",
    "sum(tries), avg(tries), stddev_pop(tries)",
    "avg(serum * serum * serum * serum)",
    "corr(serum, weight), regr_slope(serum, weight), regr_r2(serum, tries), regr_intercept(weight, tries)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY serum), percentile_cont(0.5) WITHIN GROUP (ORDER BY serum * serum * serum * serum)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY weight), percentile_cont(0.25) WITHIN GROUP (ORDER BY tries)",
    "avg(extract(epoch FROM taken - born)), avg(weight / serum)",
    "avg(serum) / (count(*) - count(*)), count(*) / 0, count(*) % 0",
    "round(avg(serum), 5) / count(*)",
  ])("SELECT %s", async (outputs) => {
    const sql = `SELECT sex, count(*), ${outputs} FROM patients JOIN measurements USING (patient_id) GROUP BY sex`;
    await opened.ask(sql).catch((error: unknown) => expect(error).toBeInstanceOf(CohortTooSmall));
  });

  it("values outside the bounds leave as NULL", async () => {
    const { rows } = await opened.ask("SELECT born, weight FROM patients", { minCohort: 2 });
    expect(JSON.stringify(rows)).not.toMatch(/infinity|NaN|BC|58748/i);
  });
});
