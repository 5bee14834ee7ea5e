import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic, sampleClinic } from "./clinic.ts";

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(21, 400));
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

it.each(statistics)("%s is PostgreSQL's own, to four digits", async (statistic) => {
  const sql = `SELECT tries, ${statistic} FROM measurements GROUP BY tries ORDER BY tries`;
  const { rows } = await opened.ask(sql);
  const { rows: own } = await opened.client.query({ text: sql.replace("FROM ", "FROM governed."), rowMode: "array" });
  expect(rows.length).toBe(own.length);
  for (const [index, [, value]] of rows.entries()) {
    const exact = Number(own[index]?.[1]);
    expect(Math.abs(Number(value) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.5001e-3);
    expect(
      String(value)
        .replace(/[-.]|^0\.0*/g, "")
        .replace(/^0+|0+$/g, "").length,
    ).toBeLessThanOrEqual(4);
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
    if (value !== null) expect(Number(value)).toBeCloseTo(Number(Number(own[0]?.[index]).toPrecision(4)), 6);
  expect(rows[0]?.filter((value) => value !== null).length).toBeGreaterThan(5);
});
