import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic, sampleClinic } from "./clinic.ts";

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(21, 4000));
});
afterAll(() => opened.close());

const statistics = [
  ...["sum", "avg", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"].map(
    (name) => `${name}(serum)`,
  ),
  ...["corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_avgx", "regr_avgy"].map(
    (name) => `${name}(serum, skin)`,
  ),
  ...["0.25", "0.5", "0.75"].map((fraction) => `percentile_cont(${fraction}) WITHIN GROUP (ORDER BY serum)`),
];

/** How far a figure may be off that is told as exactly as one of `n` patients is worth; values lie between 100 and 300, four rows a patient. */
function tolerance(statistic: string, n: number): number {
  const halfStep = 1.25;
  if (statistic.startsWith("sum")) return halfStep * 1200;
  if (statistic.startsWith("regr_intercept")) return ((halfStep * 200) / n) * (1 + 300 / 200);
  return /^(avg|percentile|regr_avg)/.test(statistic) ? (halfStep * 200) / n : 0;
}
/** Bounds of the figures that are told in digits of a scale. */
const scaleOf = (statistic: string, exact: number): number =>
  statistic.startsWith("covar") ? 9999 : statistic.startsWith("regr_slope") ? 1 : Math.abs(exact);

it.each(statistics)("%s is PostgreSQL's own, as exactly as one patient is worth", async (statistic) => {
  const sql = `SELECT tries, ${statistic} FROM measurements WHERE tries IS NOT NULL GROUP BY tries ORDER BY tries`;
  const { rows } = await opened.ask(sql, { rounding: 1 });
  const { rows: own } = await opened.client.query({
    text: sql.replace("FROM ", ", count(DISTINCT patient_id) FROM governed."),
    rowMode: "array",
  });
  expect(rows.length).toBe(own.length);
  for (const [index, [, value]] of rows.entries()) {
    const [exact, patients] = [Number(own[index]?.[1]), Number(own[index]?.[2])];
    expect(patients).toBeGreaterThan(1250);
    const digits = /^(corr|regr_r2)/.test(statistic) ? 0.5001e-4 : scaleOf(statistic, exact) * 0.5001e-3;
    expect(Math.abs(Number(value) - exact)).toBeLessThanOrEqual(tolerance(statistic, patients * 0.8) + digits);
    expect(value).not.toBeNull();
  }
});

it("aggregates inside one patient are PostgreSQL's own", async () => {
  const inner = `SELECT patient_id, count(*) AS n, count(DISTINCT site) AS sites, sum(serum) AS s, avg(serum) AS a, min(serum) AS low, max(serum) AS high,
    stddev(serum) AS d, percentile_cont(0.5) WITHIN GROUP (ORDER BY serum) AS middle, max(site) AS site FROM measurements GROUP BY patient_id`;
  const outer = "SELECT avg(n), avg(s), avg(a), avg(low), avg(high), avg(d), avg(middle), count(site) FROM q";
  const { rows } = await opened.ask(`WITH q AS (${inner}) ${outer}`, { rounding: 1 });
  const { rows: own } = await opened.client.query({
    text: `WITH q AS (${inner.replace("FROM m", "FROM governed.m")}) ${outer}`,
    rowMode: "array",
  });
  for (const [index, value] of (rows[0] ?? []).entries())
    if (value !== null) expect(Math.abs(Number(value) / Number(own[0]?.[index]) - 1)).toBeLessThan(0.002);
  expect(rows[0]?.filter((value) => value !== null).length).toBeGreaterThan(5);
});
