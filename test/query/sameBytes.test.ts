import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic, sampleClinic } from "./clinic.ts";

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
});
afterAll(() => opened.close());

const statements = [
  'SELECT sex, "Ward Code", weight, born FROM patients LIMIT 40',
  "SELECT patient_id, taken, serum FROM measurements ORDER BY taken DESC LIMIT 60",
  "SELECT site, date_trunc('month', taken), extract(epoch FROM taken), count(*), avg(serum) FROM measurements GROUP BY 1, 2, 3",
  "SELECT date_trunc('month', taken) AS month, count(*), avg(serum), stddev(serum), corr(serum, skin), percentile_cont(0.5) WITHIN GROUP (ORDER BY serum) FROM measurements GROUP BY 1",
  "SELECT weight / 3, count(*) FROM patients GROUP BY 1 ORDER BY 2 DESC",
  "SELECT sex, extract(year FROM born), count(*) FROM patients GROUP BY 1, 2 ORDER BY 3",
];

it("sameQuery gives the same bytes in another row order, time zone, date style and plan", async () => {
  const data = sampleClinic(31, 300);
  const answers = async (): Promise<string> => {
    const all: unknown[] = [];
    for (const sql of statements)
      all.push(await opened.ask(sql, { minCohort: 2 }).catch((error: Error) => error.message));
    return JSON.stringify(all);
  };
  await opened.load(data);
  const first = await answers();
  await opened.load({
    patients: data.patients.toReversed(),
    measurements: data.measurements.toReversed(),
    mothers: data.mothers.toReversed(),
  });
  await opened.client.query(
    "SET TimeZone = 'America/St_Johns'; SET DateStyle = 'German, DMY'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -10",
  );
  await opened.client.query("SET enable_hashagg = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
  expect(await answers()).toBe(first);
  expect(first).toContain('"F"');
});
