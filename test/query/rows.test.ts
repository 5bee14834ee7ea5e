import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pseudonym } from "../../server/query/pseudonym.ts";
import { CohortTooSmall, RowLimitExceeded, StatementRefused } from "../../server/query/refused.ts";
import { type Clinic, type ClinicData, openClinic, sampleClinic } from "./clinic.ts";

let opened: Clinic;
let data: ClinicData;
beforeAll(async () => {
  opened = await openClinic();
  data = sampleClinic(11, 120);
  await opened.load(data);
});
afterAll(() => opened.close());

describe("quasi-identifying values", () => {
  it("are shared by minCohort patients in every row that leaves", async () => {
    for (const minCohort of [2, 5, 9]) {
      const { rows } = await opened.ask('SELECT sex, extract(year FROM born), "Ward Code", weight FROM patients', {
        minCohort,
      });
      const tuple = (row: readonly unknown[]): string => JSON.stringify(row.slice(0, 2));
      const expected = Map.groupBy(data.patients, ({ sex, born }) => JSON.stringify([sex, born?.slice(0, 4) ?? null]));
      const wanted = [...expected]
        .filter(([, alike]) => alike.length >= minCohort)
        .flatMap(([key, alike]) => alike.map(() => key));
      expect(rows.map(tuple).toSorted()).toEqual(wanted.toSorted());
    }
  });

  it("singledOutByCase: a condition on them is one of them", async () => {
    const born = data.patients.find((patient) => patient.born !== null)?.born;
    const sql = `SELECT CASE WHEN born = '${born}' AND sex = 'F' THEN 1 ELSE 0 END AS target, weight FROM patients`;
    expect(new Set((await opened.ask(sql, { minCohort: 10 })).rows.map(([target]) => target))).toEqual(new Set(["0"]));
  });

  it("singledOutBySelfJoin: a joined target of one patient refuses the whole answer", async () => {
    const target = data.patients.find((patient) => patient.born !== null && patient.weight !== null);
    const on = `b.patient_id = a.patient_id AND b.born = '${target?.born}' AND b.weight = ${target?.weight}`;
    const asked = opened.ask(`SELECT a.weight, b.weight FROM patients a LEFT JOIN patients b ON ${on}`);
    await expect(asked).rejects.toThrow(StatementRefused);
    const byValue = on.replace(/ AND b.born = '[^']*'/, "");
    const other = opened.ask(`SELECT a.weight, b.weight FROM patients a LEFT JOIN patients b ON ${byValue}`, {
      minCohort: 60,
    });
    await expect(other).rejects.toThrow(CohortTooSmall);
  });

  it("singledOutByCondition: conditions on them count like their output, so that two answers do not differ by one patient", async () => {
    const target = data.patients.find(({ born, sex }) => born !== null && sex === "M");
    const women = await opened.ask("SELECT weight, smoker FROM patients WHERE sex = 'F'");
    const andOne = `SELECT weight, smoker FROM patients WHERE sex = 'F' OR (sex = 'M' AND born = '${target?.born}')`;
    const rest = await opened.ask(andOne, { minCohort: 5 }).catch(() => ({ rows: [] }));
    const known = women.rows.map((row) => JSON.stringify(row));
    for (const row of rest.rows) {
      const at = known.indexOf(JSON.stringify(row));
      expect(at, JSON.stringify(row)).toBeGreaterThanOrEqual(0);
      known.splice(at, 1);
    }
  });

  it("singledOutByCondition inside a derived table, or by OFFSET past the limit, is refused", async () => {
    for (const sql of [
      "SELECT p.weight FROM (SELECT weight FROM patients WHERE sex = 'M') AS p",
      "SELECT weight FROM patients OFFSET 5",
    ])
      await expect(opened.ask(sql)).rejects.toThrow(StatementRefused);
  });

  it("rows that are not released do not count towards the limit", async () => {
    const shared = await opened.ask("SELECT sex, weight FROM patients", { minCohort: 30 });
    const all = data.patients.length;
    expect(shared.rows.length).toBeLessThan(all);
    const exact = await opened.ask("SELECT sex, weight FROM patients", { minCohort: 30, maxRows: shared.rows.length });
    expect(exact.rows).toHaveLength(shared.rows.length);
    const asked = opened.ask("SELECT sex, weight FROM patients", { minCohort: 30, maxRows: shared.rows.length - 1 });
    await expect(asked).rejects.toThrow(RowLimitExceeded);
  });

  it("whole answers of few patients are refused like empty ones", async () => {
    for (const where of ["weight > 4.98", "weight > 99"])
      await expect(opened.ask(`SELECT weight FROM patients WHERE ${where}`)).rejects.toThrow(new CohortTooSmall());
  });

  it("many rows of one patient are one patient", async () => {
    const busiest = [...Map.groupBy(data.measurements, ({ patient_id }) => patient_id).values()].toSorted(
      (a, b) => b.length - a.length,
    )[0];
    const records = busiest?.map(({ taken }) => `timestamp '${taken}'`).join(", ");
    await expect(
      opened.ask(`SELECT serum FROM measurements WHERE taken IN (${records})`, { minCohort: 60 }),
    ).rejects.toThrow(CohortTooSmall);
  });
});

describe("pseudonyms", () => {
  const sql =
    "SELECT p.patient_id, m.patient_id, m.record_id FROM patients p JOIN measurements m ON m.patient_id = p.patient_id";

  it("replace every record number, the same one everywhere, never the number", async () => {
    const { rows, columns } = await opened.ask(sql);
    expect(columns.map(({ type }) => type)).toEqual(["Text", "Text", "Text"]);
    expect(rows.length).toBe(data.measurements.length);
    for (const [a, b, record] of rows) {
      expect(a).toMatch(/^[0-9a-f]{32}$/);
      expect(b).toBe(a);
      expect(record).not.toBe(a);
    }
    expect(new Set(rows.map(([a]) => a)).size).toBe(
      new Set(data.measurements.map(({ patient_id }) => patient_id)).size,
    );
    expect(JSON.stringify(rows)).not.toContain(data.patients[0]?.patient_id);
  });

  it("differ between agreements", async () => {
    const first = await opened.ask(sql);
    const second = await opened.ask(sql, { pseudonymKey: new Uint8Array(32).fill(8) });
    const seen = new Set(first.rows.flat());
    expect(second.rows.flat().some((value) => seen.has(value))).toBe(false);
  });

  it("orderOfNumbers does not show in the order of rows", async () => {
    const patients = data.patients.map((patient) => ({ ...patient, weight: "3" }));
    await opened.load({ ...data, patients });
    const orderUnder = async (byte: number): Promise<unknown[]> => {
      const { rows } = await opened.ask("SELECT patient_id, weight FROM patients", {
        pseudonymKey: new Uint8Array(32).fill(byte),
      });
      const numbers = new Map(
        data.patients.map(({ patient_id }) => [
          pseudonym(new Uint8Array(32).fill(byte), "measurements.patient_id", patient_id),
          patient_id,
        ]),
      );
      return rows.map(([id]) => numbers.get(String(id)));
    };
    const [first, second] = [await orderUnder(7), await orderUnder(8)];
    const numbers = data.patients.map(({ patient_id }) => patient_id);
    expect(first.toSorted()).toEqual(numbers.toSorted());
    expect(first).not.toEqual(second);
    expect([first, first.toReversed()]).not.toContainEqual(numbers.toSorted());
    await opened.load(data);
  });
});

describe("limits", () => {
  it("more rows than maxRows are refused with the way out", async () => {
    await expect(opened.ask("SELECT weight FROM patients", { maxRows: 50 })).rejects.toThrow(new RowLimitExceeded(50));
    expect((await opened.ask("SELECT weight FROM patients LIMIT 50", { maxRows: 50 })).rows.length).toBe(50);
  });

  it("identifiers and decimals are never rounded by floating point", async () => {
    await opened.client.query(
      "UPDATE governed.measurements SET tries = 9007199254740993, serum = 0.1000000000000000055511",
    );
    const { rows } = await opened.ask("SELECT tries, serum FROM measurements LIMIT 20");
    expect(rows[0]).toEqual(["9007199254740993", "0.1000000000000000055511"]);
    await opened.load(data);
  });

  it("times leave as RFC 3339 in UTC, dates as ISO days, truth as truth", async () => {
    await opened.client.query("UPDATE governed.measurements SET taken = '2024-02-29 23:59:59.25'");
    const { rows } = await opened.ask(
      "SELECT taken, date_trunc('hour', taken), taken::date, serum IS NULL, taken + interval '750 second' FROM measurements LIMIT 10",
    );
    expect(rows[0]).toEqual([
      "2024-02-29T23:59:59.25Z",
      "2024-02-29T23:00:00Z",
      "2024-02-29",
      false,
      "2024-03-01T00:12:29.25Z",
    ]);
    await opened.load(data);
  });
});
