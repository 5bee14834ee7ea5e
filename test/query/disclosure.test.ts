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
    expect(rows).toEqual([["3.3", null]]);
  });

  it("nullPropagation picks out nobody", async () => {
    const data = ward((n) => ({ weight: n === 0 ? null : `3.${10 + n}` }));
    const rows = await ask(
      data,
      "SELECT avg(serum), avg(serum + 0 * weight), regr_avgx(weight, serum) FROM patients JOIN measurements USING (patient_id)",
    );
    expect(rows).toEqual([["170", null, null]]);
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
    expect(await at(10)).toEqual([["3.2", "3.3", "3.4"]]);
    expect(await at(11)).toEqual([[null, "3.3", null]]);
    await expect(at(21)).rejects.toThrow(CohortTooSmall);
  });
});

describe("exactness", () => {
  /** A ward of any size, with weights and one measurement a patient. */
  const sized = (count: number, weight: (n: number) => number, tries: (n: number) => number = () => 0): ClinicData => {
    const patients = Array.from({ length: count }, (_, n) => patient(n, { weight: String(weight(n)) }));
    const measurements = patients.map(({ patient_id }, n) => ({
      patient_id,
      record_id: String(n),
      taken: "2024-01-01T00:00:00",
      serum: "150",
      skin: "150",
      site: "Head",
      tries: String(tries(n)),
    }));
    return { patients, measurements, mothers: [] };
  };

  it.each([
    ["bare", ""],
    ["under noise", " + weight * 0.000000001"],
  ])("spikeThroughAbs, %s: a measure takes no abs", async (_name, noise) => {
    const data = sized(300, (n) => 2400 + ((n * 37) % 900));
    const spike = `abs(weight - 2144) - 2 * abs(weight - 2145) + abs(weight - 2146)${noise}`;
    for (const measure of ["sum", "avg", "stddev"]) {
      await expect(ask(data, `SELECT ${measure}(${spike}) FROM patients`, { minCohort: 10 })).rejects.toThrow(
        /is not accepted/,
      );
    }
  });

  it.each([...Array(10).keys()].flatMap((few) => [few, 300 - few]))("flagsBelowCohort: %i of 300", async (ones) => {
    const data = sized(
      300,
      () => 3,
      (n) => (n < ones ? 1 : 0),
    );
    const cells = ["sum", "avg", "stddev", "var_pop"].map((name) => `${name}(tries)`).join(", ");
    const sql = `SELECT count(*), ${cells}, corr(tries, tries), regr_avgy(tries, tries) FROM measurements`;
    expect(await ask(data, sql, { minCohort: 10 })).toEqual([["300", null, null, null, null, null, null]]);
  });

  it("flags of enough patients leave as counts do", async () => {
    const data = sized(
      300,
      () => 3,
      (n) => (n < 42 ? 1 : 0),
    );
    const rows = await ask(data, "SELECT sum(tries), avg(tries) FROM measurements", { minCohort: 10 });
    expect(rows).toEqual([["40", "0.14"]]);
  });

  it("exactCountThroughSum: constants under a sum count as counts do", async () => {
    const sql = "SELECT sum(weight - weight + 1), sum(weight + 1000000), sum(weight * 0.001 + 1) FROM patients";
    for (const count of [298, 299, 300, 301, 302]) {
      const data = sized(count, (n) => 3 + (n % 50) / 100);
      const [[ones, millions, thousandths] = []] = (await ask(data, sql)) as (string | null)[][];
      expect(ones).toBeNull();
      expect(Math.floor(Number(millions) / 1_000_000)).toBe(300);
      expect(Math.floor(Number(thousandths))).toBe(300);
    }
  });

  it("shiftedConstants: a figure is told once, whatever is added to it and by whatever it is multiplied", async () => {
    await opened.load(sized(300, (n) => 2400 + ((n * 37) % 900)));
    const told = async (cell: string): Promise<number> =>
      Number((await opened.ask(`SELECT ${cell} FROM patients`)).rows[0]?.[0]);
    const plain = { mean: await told("avg(weight)"), deviation: await told("stddev(weight)") };
    for (let n = 1; n <= 40; n += 1) {
      const [shift, scale] = [n * 0.37, 1 + n * 0.013];
      const cells = [
        `avg(weight - ${shift}) + ${shift}`,
        `avg(${shift} - weight) * -1 + ${shift}`,
        `avg((weight + ${shift}) * ${scale}) / ${scale} - ${shift}`,
      ];
      for (const cell of cells) expect(await told(cell)).toBeCloseTo(plain.mean, 6);
      expect(await told(`stddev(weight * ${scale} - ${shift}) / ${scale}`)).toBeCloseTo(plain.deviation, 6);
    }
  });

  it("sampleOverPopulationVariance", async () => {
    const sql =
      "SELECT var_samp(weight), var_pop(weight), covar_samp(weight, weight), covar_pop(weight, weight) FROM patients";
    for (const count of [40, 120, 300, 700]) {
      const [row] = (await ask(
        sized(count, (n) => 1 + ((n * 37) % 101)),
        sql,
      )) as string[][];
      const [sample, population, ...covariances] = (row ?? []).map(Number);
      const ratios = [Number(sample) / Number(population), Number(covariances[0]) / Number(covariances[1])];
      const guesses = ratios.map((ratio) => (ratio === 1 ? Number.POSITIVE_INFINITY : ratio / (ratio - 1)));
      for (const guess of guesses) expect(Math.abs(guess - count)).toBeGreaterThanOrEqual(5);
    }
  });

  /** The smallest of 1, 2 and 5 times a power of ten that is not below. */
  const niceStep = (step: number): number => {
    const ten = 10 ** Math.floor(Math.log10(step));
    return ten * ([1, 2, 5].find((times) => step <= times * ten * 1.000001) ?? 10);
  };

  it("differenceOfTwoCohorts: 1,000 pairs that differ by one patient", async () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const weights = Array.from({ length: 400 }, () => 2000 + random(2000));
    await opened.load(
      sized(
        400,
        (n) => weights[n] ?? 0,
        (n) => n,
      ),
    );
    const tell = async (from: number, last: number): Promise<Record<"sum" | "avg", number>> => {
      const own = weights.slice(from, last + 1);
      const cells = "sum(p.weight), avg(p.weight)";
      const source = "patients p JOIN measurements m ON m.patient_id = p.patient_id";
      const { rows } = await opened.ask(`SELECT ${cells} FROM ${source} WHERE m.tries BETWEEN ${from} AND ${last}`);
      const [sum, avg] = (rows[0] ?? []).map(Number);
      const [low, high] = [Math.min(...own), Math.max(...own)];
      const steps = [niceStep(5 * (Math.max(high, 0) - Math.min(low, 0))), niceStep((5 * (high - low)) / own.length)];
      for (const [index, value] of [sum, avg].entries())
        expect(Math.abs((Number(value) / Number(steps[index])) % 1)).toBeCloseTo(0, 9);
      return { sum: Number(sum), avg: Number(avg) };
    };
    let betterThanGuessed = 0;
    for (let pair = 0; pair < 1000; pair += 1) {
      const [from, size] = [random(300), 40 + random(60)];
      const [without, including] = [await tell(from, from + size - 1), await tell(from, from + size)];
      const center = without.avg;
      const deviation = (weights[from + size] ?? 0) - center;
      const bySums = including.sum - without.sum - center;
      const byAverages = including.avg * (size + 1) - without.avg * size - center;
      for (const estimate of [bySums, byAverages])
        if (Math.abs(estimate - deviation) < Math.abs(deviation)) betterThanGuessed += 1;
    }
    // An exact answer is always better than the guess that the patient is like the average.
    expect(betterThanGuessed).toBeLessThan(2000 / 20);
  });
});
