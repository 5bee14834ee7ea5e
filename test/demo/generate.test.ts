import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Generated, generateNewborns } from "../../scripts/demo/generate.ts";
import { prepareDataset } from "../../server/intake/prepare.ts";
import type { Proposal } from "../../server/intake/propose.ts";

type Record_ = Readonly<Record<string, string>>;
const folder = mkdtempSync(join(tmpdir(), "datapact-demo-"));
let generated: Generated;
let took: number;
let newborns: Record_[];
let measurements: Record_[];
let treatments: Record_[];

beforeAll(async () => {
  const start = performance.now();
  generated = await generateNewborns({ seed: "datapact", newborns: 20_000, folder: join(folder, "full") });
  took = performance.now() - start;
  [newborns = [], measurements = [], treatments = []] = generated.files.map(read);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(file: string): Record_[] {
  const [header = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const tsb = (row: Record_): number => Number(row.tsb_umol_l);
const bias = (rows: readonly Record_[]): number => mean(rows.map((row) => Number(row.tcb_umol_l) - tsb(row)));

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(pairs.map((pair) => pair[0])), mean(pairs.map((pair) => pair[1]))];
  const sum = (of: (a: number, b: number) => number): number =>
    pairs.reduce((total, [a, b]) => total + of(a - x, b - y), 0);
  return sum((a, b) => a * b) / Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
}

/** The highest value of each newborn by gestational age: mean level and mean hour. */
function peaks(weeks: (week: number) => boolean): { level: number; hour: number } {
  const chosen = new Set(
    newborns.filter((row) => weeks(Number(row.gestational_age_weeks))).map((row) => row.patient_id),
  );
  const highest = new Map<string, Record_>();
  for (const row of measurements) {
    const id = row.patient_id ?? "";
    const best = highest.get(id);
    if (chosen.has(id) && (best === undefined || tsb(row) > tsb(best))) highest.set(id, row);
  }
  const rows = [...highest.values()];
  return { level: mean(rows.map(tsb)), hour: mean(rows.map((row) => Number(row.hours_of_life))) };
}

it("writes the same bytes for the same seed, and others for another", async () => {
  const digest = async (seed: string): Promise<string[]> => {
    const { files } = await generateNewborns({ seed, newborns: 200, folder: join(folder, "small") });
    return files.map((file) => createHash("sha256").update(readFileSync(file)).digest("hex"));
  };
  const first = await digest("a");
  expect(await digest("a")).toEqual(first);
  expect((await digest("b")).filter((each) => first.includes(each))).toEqual([]);
});

it("writes 20,000 newborns with five or more measurements each, quickly", () => {
  expect(generated.rows.newborns).toBe(20_000);
  expect(newborns).toHaveLength(20_000);
  expect(measurements).toHaveLength(generated.rows.bilirubin);
  expect(treatments).toHaveLength(generated.rows.phototherapy);
  expect(measurements.length).toBeGreaterThan(100_000);
  expect(new Set(newborns.map((row) => row.patient_id)).size).toBe(20_000);
  expect(new Set(measurements.map((row) => row.measurement_id)).size).toBe(measurements.length);
  expect(took).toBeLessThan(10_000);
});

it("numbers patients beyond what a floating-point number holds", () => {
  const changed = newborns.filter(({ patient_id = "" }) => String(Number(patient_id)) !== patient_id);
  expect(changed.length).toBeGreaterThan(15_000);
});

it("correlates what the meters show with serum, as published studies do", () => {
  const untreated = measurements.filter((row) => row.after_phototherapy === "false");
  const pairs = (rows: readonly Record_[]): [number, number][] => rows.map((row) => [tsb(row), Number(row.tcb_umol_l)]);
  expect(correlation(pairs(measurements))).toBeGreaterThan(0.85);
  expect(correlation(pairs(measurements))).toBeLessThan(0.97);
  expect(correlation(pairs(untreated))).toBeGreaterThan(correlation(pairs(measurements)));
});

it("lets meters read too low at high levels, and after phototherapy", () => {
  const untreated = measurements.filter((row) => row.after_phototherapy === "false");
  const usual = bias(untreated.filter((row) => tsb(row) < 205));
  expect(Math.abs(usual)).toBeLessThan(8);
  expect(bias(untreated.filter((row) => tsb(row) > 250))).toBeLessThan(usual - 8);
  expect(bias(measurements.filter((row) => row.after_phototherapy === "true"))).toBeLessThan(usual - 8);
});

it("lets models of meters differ", () => {
  const biases = ["JX-200", "JX-310", "BM-5"].map((model) =>
    bias(measurements.filter((row) => row.device_model === model)),
  );
  expect(Math.max(...biases) - Math.min(...biases)).toBeGreaterThan(5);
});

it("raises serum to a peak on day 3 to 5, later and higher the shorter the gestation", () => {
  const preterm = peaks((week) => week < 37);
  const term = peaks((week) => week >= 39);
  expect(term.hour).toBeGreaterThan(72);
  expect(term.hour).toBeLessThan(120);
  expect(preterm.hour).toBeGreaterThan(term.hour + 12);
  expect(preterm.level).toBeGreaterThan(term.level + 20);
});

it("treats one newborn in ten or so, and hemolysis and preterm birth more often", () => {
  expect(treatments.length / newborns.length).toBeGreaterThan(0.08);
  expect(treatments.length / newborns.length).toBeLessThan(0.22);
  const treated = new Set(treatments.map((row) => row.patient_id));
  const share = (rows: readonly Record_[]): number =>
    rows.filter((row) => treated.has(row.patient_id)).length / rows.length;
  const plain = newborns.filter((row) => row.g6pd === "normal" && row.blood_group_incompatibility === "none");
  expect(share(newborns.filter((row) => row.g6pd === "deficient"))).toBeGreaterThan(2 * share(plain));
  expect(share(newborns.filter((row) => Number(row.gestational_age_weeks) < 37))).toBeGreaterThan(2 * share(plain));
});

it("passes the intake like any other data: nobody named, everybody linked", async () => {
  const options = {
    title: "Jaundice",
    files: [...generated.files],
    patientKeys: ["patient_id"],
    levels: [],
    encodings: [],
    drop: [],
  };
  const proposal: Proposal = await prepareDataset(options);
  const levels = proposal.description.tables.flatMap(({ name, fields }) =>
    fields.map((field) => [`${name}.${field.name}`, field.level] as const),
  );
  const named = (level: string): string[] => levels.filter(([, each]) => each === level).map(([name]) => name);
  expect(named("Direct")).toEqual(
    ["newborn_name", "mother_name", "mother_id_card", "mobile"].map((name) => `newborns.${name}`),
  );
  expect(named("Linking").filter((name) => name.endsWith("patient_id"))).toHaveLength(3);
  expect(named("Neutral")).toEqual(
    expect.arrayContaining(["bilirubin.tsb_umol_l", "bilirubin.tcb_umol_l", "bilirubin.hours_of_life"]),
  );
  expect(proposal.description.tables.map(({ patientKey }) => patientKey)).toEqual([
    "patient_id",
    "patient_id",
    "patient_id",
  ]);
});
