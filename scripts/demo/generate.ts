import { mkdirSync } from "node:fs";
import { type CsvTable, createCsvTable } from "./csvTable.ts";
import { createCourse, type Phototherapy, serumAt, startPhototherapy, treatmentThreshold } from "./jaundice.ts";
import { createMeters, type Meter, readMeter } from "./meter.ts";
import { createNewborn, type Newborn } from "./newborn.ts";
import { createPerson } from "./people.ts";
import { createRandom, type Random } from "./random.ts";

export type GenerateOptions = { readonly seed: string; readonly newborns: number; readonly folder: string };

export type Generated = {
  /** Paths of newborns.csv, bilirubin.csv and phototherapy.csv, in this order. */
  readonly files: readonly [string, string, string];
  readonly rows: { readonly newborns: number; readonly bilirubin: number; readonly phototherapy: number };
};

const headers = {
  newborns:
    "patient_id,hospital_no,newborn_name,mother_name,mother_id_card,mobile,district,sex,birth_time,gestational_age_weeks,gestational_age_days,birth_weight_g,delivery_mode,feeding_mode,blood_group_incompatibility,g6pd",
  bilirubin:
    "measurement_id,patient_id,measured_at,hours_of_life,tsb_umol_l,tcb_umol_l,measured_site,device_model,device_serial,after_phototherapy",
  phototherapy: "therapy_id,patient_id,started_at,stopped_at,indication,tsb_at_start_umol_l",
} as const;

/**
 * Writes three CSV files about neonatal jaundice that nobody lived: the same bytes for the same seed and number, on any day. Each newborn
 * has five or more paired measurements, so 20,000 newborns give more than 100,000.
 */
export async function generateNewborns({ seed, newborns, folder }: GenerateOptions): Promise<Generated> {
  mkdirSync(folder, { recursive: true });
  const tables = {
    newborns: createCsvTable(folder, "newborns", headers.newborns),
    bilirubin: createCsvTable(folder, "bilirubin", headers.bilirubin),
    phototherapy: createCsvTable(folder, "phototherapy", headers.phototherapy),
  };
  const random = createRandom(seed);
  const meters = createMeters(random);
  for (let number = 1; number <= newborns; number++) {
    writeNewborn(random, meters, tables, number);
    for (const table of Object.values(tables)) await table.flush();
  }
  for (const table of Object.values(tables)) await table.close();
  const rows = {
    newborns: tables.newborns.rows(),
    bilirubin: tables.bilirubin.rows(),
    phototherapy: tables.phototherapy.rows(),
  };
  return { files: [tables.newborns.path, tables.bilirubin.path, tables.phototherapy.path], rows };
}

type Tables = Record<keyof typeof headers, CsvTable>;

/** The hospital's number for a patient: 18 digits, beyond what a floating-point number holds. */
const firstPatient = 330_106_000_000_000_000n;
/** Measurements and treatments are numbered likewise. */
const firstRecord = 720_106_000_000_000_000n;

function writeNewborn(random: Random, meters: readonly Meter[], tables: Tables, number: number): void {
  const newborn = createNewborn(random);
  const id = String(firstPatient + BigInt(number) * 97n);
  const { motherName, newbornName, mobile, motherIdNumber, district } = createPerson(random, newborn.sex);
  const hospitalNo = `2024${String(number).padStart(9, "0")}${String(random.integer(0, 9_999_999)).padStart(7, "0")}`;
  tables.newborns.write(
    [id, hospitalNo, newbornName, motherName, motherIdNumber, mobile, district, newborn.sex, localTime(newborn.bornAt)],
    [Math.floor(newborn.gestationDays / 7), newborn.gestationDays % 7, newborn.birthWeight, newborn.deliveryMode],
    [newborn.feedingMode, newborn.incompatibility, newborn.g6pd],
  );
  writeCourse(random, meters, tables, newborn, id);
}

function writeCourse(random: Random, meters: readonly Meter[], tables: Tables, newborn: Newborn, id: string): void {
  const course = createCourse(random, newborn);
  let therapy: Phototherapy | undefined;
  for (const hour of drawHours(random)) {
    const tsb = Math.round(Math.max(15, serumAt(course, hour, therapy) + random.normal(0, 5)) * 10) / 10;
    writeMeasurement(random, random.pick(meters), tables, newborn, { id, hour, tsb, therapy });
    if (therapy !== undefined || tsb < treatmentThreshold(newborn, hour)) continue;
    therapy = startPhototherapy(random, newborn, hour, tsb);
    const times = [localTime(atHour(newborn, therapy.start)), localTime(atHour(newborn, therapy.stop))];
    const record = String(firstRecord + BigInt(tables.phototherapy.rows()) * 89n);
    tables.phototherapy.write([record, id, ...times, therapy.indication, tsb.toFixed(1)]);
  }
}

/** Once a day for five days, and again in the second week for some. */
function drawHours(random: Random): number[] {
  const days = [20, 44, 68, 92, 116].map((start) => start + random.uniform() * 10);
  return random.chance(0.25) ? [...days, 150 + random.uniform() * 90] : days;
}

type Measured = {
  readonly id: string;
  readonly hour: number;
  readonly tsb: number;
  readonly therapy: Phototherapy | undefined;
};

function writeMeasurement(random: Random, meter: Meter, tables: Tables, newborn: Newborn, measured: Measured): void {
  const { id, hour, tsb, therapy } = measured;
  const site = random.chance(0.65) ? "sternum" : "forehead";
  const tcb = readMeter(random, meter, site, tsb, hour, therapy);
  const record = String(firstRecord + 500_000_000_000n + BigInt(tables.bilirubin.rows()) * 83n);
  const isAfter = therapy !== undefined && hour > therapy.start;
  tables.bilirubin.write(
    [record, id, localTime(atHour(newborn, hour)), hour.toFixed(1), tsb.toFixed(1), tcb.toFixed(1)],
    [site, meter.model, meter.serial, isAfter],
  );
}

function atHour(newborn: Newborn, hour: number): number {
  return newborn.bornAt + Math.round(hour * 60) * 60_000;
}

/** RFC 3339 in the hospital's time zone. */
function localTime(time: number): string {
  return `${new Date(time + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
