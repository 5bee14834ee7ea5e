import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StatementRefused } from "../../server/query/refused.ts";
import { everyRow, parseRowScope } from "../../server/query/rowScope.ts";
import { type Clinic, type ClinicData, clinic, openClinic, sampleClinic } from "./clinic.ts";

let opened: Clinic;
let data: ClinicData;
beforeAll(async () => {
  opened = await openClinic();
  data = sampleClinic(5, 150);
  await opened.load(data);
});
afterAll(() => opened.close());

/** Exact counts: rounding 1, with a cohort of 2. */
async function counts(scope: string): Promise<readonly unknown[]> {
  const terms = { scope: await parseRowScope(scope, clinic), rounding: 1, minCohort: 2 };
  const of = async (table: string): Promise<unknown> =>
    (await opened.ask(`SELECT count(*) FROM ${table}`, terms)).rows[0]?.[0];
  return [await of("patients"), await of("measurements"), await of("mothers")];
}

describe("the rows of an agreement", () => {
  it("'' is all rows", async () => {
    expect(await parseRowScope("", clinic)).toBe(everyRow);
    expect(await counts("")).toEqual(
      [data.patients, data.measurements, data.mothers].map(({ length }) => String(length)),
    );
  });

  it("a table named yields rows that meet it, others rows of its patients", async () => {
    const women = new Set(data.patients.filter(({ sex }) => sex === "F").map(({ patient_id }) => patient_id));
    const expected = [women.size, data.measurements.filter(({ patient_id }) => women.has(patient_id)).length];
    const scope = await parseRowScope("patients.sex = 'F'", clinic);
    const [patients] = (await opened.ask("SELECT count(*) FROM patients", { scope, rounding: 1 })).rows;
    const [measurements] = (await opened.ask("SELECT count(*) FROM measurements", { scope, rounding: 1 })).rows;
    expect([patients?.[0], measurements?.[0]]).toEqual(expected.map(String));
  });

  it("conditions on one table are met by one and the same row, those on several by the patient", async () => {
    const heads = data.measurements.filter(
      ({ site, serum }) => site === "Head" && serum !== null && Number(serum) > 200,
    );
    const women = new Set(data.patients.filter(({ sex }) => sex === "F").map(({ patient_id }) => patient_id));
    const withHead = new Set(heads.map(({ patient_id }) => patient_id));
    const scope = await parseRowScope(
      "measurements.site = 'Head' AND measurements.serum > 200 AND patients.sex = 'F'",
      clinic,
    );
    const one = async (sql: string): Promise<unknown> => (await opened.ask(sql, { scope, rounding: 1 })).rows[0]?.[0];
    expect(await one("SELECT count(*) FROM patients")).toBe(String([...women].filter((id) => withHead.has(id)).length));
    expect(await one("SELECT count(*) FROM measurements")).toBe(
      String(heads.filter(({ patient_id }) => women.has(patient_id)).length),
    );
  });

  it("holds inside WITH queries, derived tables and joins", async () => {
    const scope = await parseRowScope("patients.sex = 'F'", clinic);
    for (const sql of [
      "WITH q AS (SELECT sex FROM patients) SELECT sex, count(*) FROM q GROUP BY sex",
      "SELECT t.sex, count(*) FROM (SELECT sex, patient_id FROM patients) t JOIN measurements USING (patient_id) GROUP BY 1",
      "SELECT p.sex, count(*) FROM measurements m LEFT JOIN patients p ON p.patient_id = m.patient_id GROUP BY 1",
    ])
      expect((await opened.ask(sql, { scope })).rows.map(([sex]) => sex)).toEqual(["F"]);
  });

  it("leaves tables without patients alone unless named", async () => {
    const rows = async (text: string): Promise<unknown[]> => {
      const scope = await parseRowScope(text, clinic);
      const sql =
        'SELECT w.beds, count(*) FROM patients p JOIN wards w ON w.code = p."Ward Code" GROUP BY 1 ORDER BY 1';
      return (await opened.ask(sql, { scope })).rows.map(([beds]) => beds);
    };
    expect(await rows("patients.smoker IS NOT NULL")).toEqual(["10", "20", "30"]);
    expect(await rows("wards.beds >= 20")).toEqual(["20", "30"]);
  });
});

describe("what a row scope cannot be", () => {
  it.each([
    ["sex = 'F'", /Write table.field/],
    ["patients.sex", /not a condition/],
    ["patients.sex = 'F' GROUP BY 1", /groupClause/],
    ["patients.sex = 'F' UNION SELECT 1", /./],
    ["patients.sex = 'F' LIMIT 1", /limit/i],
    ["patients.sex = 'F'; DROP TABLE patients", /one statement/],
    ["true", /no table or several/],
    ["patients.weight > measurements.serum", /no table or several/],
    ["patients.sex = 'F' OR measurements.serum > 3", /no table or several/],
    ["patients.name = 'x'", /Direct/],
    ["patients.patient_id = 5", /record number/],
    ["nurses.name = 'x'", /The table nurses/],
    ["patients.nothing = 1", /The field patients.nothing/],
    ["patients.sex IN (SELECT sex FROM patients)", /subquery/],
    ["count(patients.sex) > 1", /aggregate count/],
    ["pg_sleep(5) IS NULL", /pg_sleep/],
    [" ", /./],
    ["-- nothing", /./],
  ])("%s", async (text, names) => {
    const refusal = parseRowScope(text, clinic);
    await expect(refusal).rejects.toThrow(StatementRefused);
    await expect(refusal).rejects.toThrow(names);
  });

  it("is told at which character of the row scope", async () => {
    await expect(parseRowScope("patients.sex = 'F' AND evil(1)", clinic)).rejects.toMatchObject({
      facts: { position: 24 },
    });
  });
});
