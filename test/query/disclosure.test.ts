import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CohortTooSmall, RowLimitExceeded } from "../../server/query/refused.ts";
import { type Clinic, type ClinicData, openClinic, type Patient } from "./clinic.ts";

let opened: Clinic;
beforeAll(async () => {
  opened = await openClinic();
});
afterAll(() => opened.close());

const patient = (index: number, changed: Partial<Patient> = {}): Patient => ({
  patient_id: String(index),
  sex: index % 2 === 0 ? "F" : "M",
  born: `2012-01-${String(1 + (index % 28)).padStart(2, "0")}`,
  weight: `3.${10 + (index % 80)}`,
  smoker: false,
  ward: "A",
  mother_id: null,
  ...changed,
});

/** A ward of 40 ordinary patients of whom some are changed; by default each has one measurement. */
function ward(changed: (index: number) => Partial<Patient>, measured = 1): ClinicData {
  const patients = Array.from({ length: 40 }, (_, index) => patient(index, changed(index)));
  const measurements = patients.flatMap(({ patient_id }, index) =>
    Array.from({ length: measured }, (_, n) => ({
      patient_id,
      record_id: String(index * 10 + n),
      taken: "2024-01-01T00:00:00",
      serum: String(150 + index),
      skin: "150",
      site: "Head",
      tries: "1",
    })),
  );
  return { patients, measurements, mothers: [] };
}

const ask = async (data: ClinicData, sql: string, changed = {}): Promise<unknown> => {
  await opened.load(data);
  return (await opened.ask(sql, changed)).rows;
};

describe("groups", () => {
  it("smallGroup leaves no trace", async () => {
    const rows = await ask(
      ward((n) => ({ ward: n < 4 ? "Z" : "A" })),
      'SELECT "Ward Code", count(*) FROM patients GROUP BY 1',
    );
    expect(rows).toEqual([["A", "35"]]);
  });

  it("manyRowsOfOnePatient are one patient", async () => {
    const data = ward(() => ({}), 0);
    const measurements = ward(() => ({}), 30).measurements.filter(({ patient_id }) => Number(patient_id) < 4);
    await opened.load({ ...data, measurements });
    await expect(opened.ask("SELECT count(*) FROM measurements")).rejects.toThrow(CohortTooSmall);
  });

  it("emptyAnswer and smallAnswer are the same refusal", async () => {
    await opened.load(ward((n) => ({ smoker: n < 3 })));
    const refusal = (where: string): Promise<unknown> =>
      opened.ask(`SELECT count(*) FROM patients WHERE ${where}`).catch((error: unknown) => error);
    const [small, none] = [await refusal("smoker"), await refusal("weight > 99")];
    expect(small).toEqual(none);
    expect(small).toBeInstanceOf(CohortTooSmall);
  });

  it("tooManyGroups are refused", async () => {
    await opened.load(ward(() => ({})));
    const asked = opened.ask("SELECT sex, count(*) FROM patients GROUP BY sex", { maxRows: 1 });
    await expect(asked).rejects.toThrow(RowLimitExceeded);
  });
});

describe("cells", () => {
  const smokers = (count: number) => ward((n) => ({ smoker: n < count }));
  const sql = "SELECT count(*), count(CASE WHEN smoker THEN 1 END) FROM patients";

  it.each([
    ["zeroRule", 0, null],
    ["conditionalOnOne", 1, null],
    ["conditionalOnFew", 4, null],
    ["conditionalOnEnough", 5, "5"],
    ["complementEnough", 35, "35"],
    ["complementOfFew", 36, null],
    ["complementOfOne", 39, null],
    ["hundredPercentRule", 40, null],
  ])("%s: %i of 40", async (_, count, released) => {
    expect(await ask(smokers(count), sql)).toEqual([["40", released]]);
  });

  it("conditionalAverage of one patient is suppressed", async () => {
    const rows = await ask(smokers(1), "SELECT count(*), avg(CASE WHEN smoker THEN weight END) FROM patients");
    expect(rows).toEqual([["40", null]]);
  });

  it("averageOfAllButOne is suppressed", async () => {
    const rows = await ask(smokers(1), "SELECT avg(weight), avg(weight) FILTER (WHERE NOT smoker) FROM patients");
    expect(rows).toEqual([["3.295", null]]);
  });

  it("nullPropagation picks out nobody", async () => {
    const data = ward((n) => ({ weight: n === 0 ? null : `3.${10 + n}` }));
    const rows = await ask(
      data,
      "SELECT avg(serum), avg(serum + 0 * weight), regr_avgx(weight, serum) FROM patients JOIN measurements USING (patient_id)",
    );
    expect(rows).toEqual([["169.5", null, null]]);
  });

  it("leftJoinOnFew: cells that name them are suppressed, others that they weigh on too", async () => {
    const data = ward(() => ({}));
    const measurements = data.measurements.slice(0, 3);
    const sqlText =
      "SELECT count(DISTINCT p.patient_id), count(*), count(m.serum), avg(m.serum) FROM patients p LEFT JOIN measurements m ON m.patient_id = p.patient_id";
    expect(await ask({ ...data, measurements }, sqlText)).toEqual([["40", null, null, null]]);
  });

  it("derived values come from released counts", async () => {
    const rows = await ask(
      smokers(13),
      "SELECT count(*), 100.0 * count(CASE WHEN smoker THEN 1 END) / count(*) FROM patients",
    );
    expect(rows).toEqual([["40", "37.5"]]);
  });

  it("HAVING and ORDER BY see released values only", async () => {
    const data = ward((n) => ({ ward: n < 18 ? "A" : "B" }));
    const rows = await ask(
      data,
      'SELECT "Ward Code", count(*) FROM patients GROUP BY 1 HAVING count(*) = 20 ORDER BY 2 DESC, 1',
    );
    expect(rows).toEqual([
      ["A", "20"],
      ["B", "20"],
    ]);
  });
});

describe("dominance", () => {
  it("largestPatient above half of the sum is suppressed", async () => {
    const rows = await ask(
      ward((n) => ({ weight: n === 7 ? "500" : "3" })),
      "SELECT count(*), sum(weight), avg(weight) FROM patients",
    );
    expect(rows).toEqual([["40", null, null]]);
  });

  it("largestPatient hidden under an added constant is suppressed", async () => {
    const rows = await ask(
      ward((n) => ({ weight: n === 7 ? "500" : "3" })),
      "SELECT count(*), avg(weight + 1000000) FROM patients",
    );
    expect(rows).toEqual([["40", null]]);
  });

  it("onePatientWithMostRows is suppressed", async () => {
    const data = ward(() => ({}), 1);
    const more = ward(() => ({}), 60).measurements.filter(({ patient_id }) => patient_id === "3");
    const rows = await ask(
      { ...data, measurements: [...data.measurements, ...more] },
      "SELECT count(DISTINCT patient_id), count(*), avg(skin), percentile_cont(0.5) WITHIN GROUP (ORDER BY serum) FROM measurements",
    );
    expect(rows).toEqual([["40", null, null, null]]);
  });

  it("highPowers do not give the maximum", async () => {
    const rows = await ask(
      ward((n) => ({ weight: n === 7 ? "9" : "3" })),
      "SELECT count(*), avg(weight * weight * weight * weight) FROM patients",
    );
    expect(rows).toEqual([["40", null]]);
  });

  it("quartiles need four cohorts, the median two", async () => {
    const sql = ["0.25", "0.5", "0.75"].map((f) => `percentile_cont(${f}) WITHIN GROUP (ORDER BY weight)`).join(", ");
    const at = async (minCohort: number) =>
      ask(
        ward(() => ({})),
        `SELECT ${sql} FROM patients`,
        { minCohort },
      );
    expect(await at(10)).toEqual([["3.198", "3.295", "3.393"]]);
    expect(await at(11)).toEqual([[null, "3.295", null]]);
    await expect(at(21)).rejects.toThrow(CohortTooSmall);
  });
});
