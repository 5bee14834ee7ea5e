import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { type Clinic, clinic, openClinic, sampleClinic, terms } from "./clinic.ts";

/** Of many patients, random sets prove what may leave. What they prove must hold of the patients. */
let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(77, 12_000));
  await opened.client.query("CREATE TABLE original AS SELECT * FROM governed.measurements");
});
afterAll(() => opened.close());

const cells =
  "count(*), count(skin), avg(serum), stddev(serum), corr(serum, skin), regr_slope(serum, skin), avg(serum - skin)";

/** For each group whether the random sets proved it. */
async function proven(sql: string): Promise<boolean[]> {
  const compiled = compile(await parseStatement(sql, clinic), { ...terms, minCohort: 10 });
  const [head = ""] = compiled.text.split(", r AS (");
  const highest = Math.max(...[...head.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const { rows } = await opened.client.query({
    text: `${head} SELECT proven FROM f`,
    values: compiled.values.slice(0, highest),
    rowMode: "array",
  });
  return rows.map(([is]) => is as boolean);
}

/** A sum makes every patient be told apart. */
const exactly = (sql: string): string => sql.replace(" FROM", ", sum(tries) FROM");

const within = (told: unknown, exact: unknown): void => {
  if (told === null || exact === null) expect(told).toBe(exact);
  else expect(Math.abs(Number(told) - Number(exact))).toBeLessThanOrEqual(0.02 * Math.max(5, Math.abs(Number(exact))));
};

describe("ordinary data", () => {
  it.each([
    `SELECT ${cells} FROM measurements`,
    `SELECT site, ${cells} FROM measurements GROUP BY site`,
    `SELECT tries, ${cells} FROM measurements WHERE serum IS NOT NULL AND skin IS NOT NULL AND tries IS NOT NULL GROUP BY tries`,
  ])("is proven, and told as if patients were told apart: %s", async (sql) => {
    const of = await proven(sql);
    expect(of.filter(Boolean).length).toBeGreaterThanOrEqual(Math.max(1, of.length - 1));
    const [fast, slow] = [await opened.ask(sql, { minCohort: 10 }), await opened.ask(exactly(sql), { minCohort: 10 })];
    expect(fast.rows.length).toBe(slow.rows.length);
    for (const [index, row] of fast.rows.entries())
      for (const [column, value] of row.entries())
        if (/^\d/.test(String(value)) || value === null) within(value, slow.rows[index]?.[column]);
  });
});

describe("planted data", () => {
  const plants: readonly (readonly [name: string, change: string])[] = [
    [
      "nineOfThePatients",
      "DELETE FROM governed.measurements WHERE patient_id NOT IN (SELECT DISTINCT patient_id FROM original ORDER BY 1 LIMIT 9)",
    ],
    [
      "onePatientWithMostRows",
      "INSERT INTO governed.measurements SELECT (SELECT min(patient_id) FROM original), o.record_id, o.taken, o.serum, o.skin, o.site, o.tries FROM original o",
    ],
    [
      "onePatientWithMostOfTheSum",
      "UPDATE governed.measurements SET serum = 1e9, skin = 1e9 WHERE patient_id = (SELECT min(patient_id) FROM original)",
    ],
    [
      "onePatientWithMostOfTheSpread",
      "UPDATE governed.measurements SET serum = 1e6 + serum, skin = 1e6 + skin; UPDATE governed.measurements SET serum = 2e6, skin = 2e6 WHERE patient_id = (SELECT min(patient_id) FROM original)",
    ],
    ["constant", "UPDATE governed.measurements SET serum = 150, skin = 150"],
    [
      "allButNineAlike",
      "UPDATE governed.measurements SET serum = 150, skin = 150 WHERE patient_id NOT IN (SELECT DISTINCT patient_id FROM original ORDER BY 1 LIMIT 9)",
    ],
    [
      "nothingOfNine",
      "UPDATE governed.measurements SET serum = 150 + coalesce(tries, 0), skin = 150 + 2 * coalesce(tries, 0); UPDATE governed.measurements SET skin = NULL WHERE patient_id IN (SELECT DISTINCT patient_id FROM original ORDER BY 1 LIMIT 9)",
    ],
  ];

  it.each(plants)("%s is not proven, and withheld", async (_name, change) => {
    await opened.client.query(
      "TRUNCATE governed.measurements; INSERT INTO governed.measurements SELECT * FROM original",
    );
    await opened.client.query(change);
    const sql =
      "SELECT count(*) FILTER (WHERE sex = 'F' OR sex = 'M'), avg(serum + skin) FROM patients p JOIN measurements m ON m.patient_id = p.patient_id";
    const plain = "SELECT avg(serum + skin) FROM measurements";
    expect(await proven(plain)).not.toContain(true);
    await expect(opened.ask(plain, { minCohort: 10 })).rejects.toThrow("Too few patients");
    const joined = await opened.ask(sql, { minCohort: 10 }).catch(() => undefined);
    expect(joined?.rows[0]?.[1] ?? null).toBeNull();
  });
});
