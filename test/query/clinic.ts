import pg from "pg";
import { type Description, type Field, numberFields } from "../../server/domain/dataset.ts";
import type { Result } from "../../server/domain/result.ts";
import { type CompileContext, type Compiled, compile, type RawRow } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { everyRow } from "../../server/query/rowScope.ts";
import { createDatabase } from "../support/postgres.ts";

const field = (name: string, fieldType: Field["fieldType"], level: Field["level"]): Field => ({
  name,
  fieldType,
  level,
});

/** A small clinic: patients, their visits and measurements, mothers who are patients of their own, and wards without patients. */
export const clinic: Description = {
  title: "Clinic",
  tables: [
    {
      name: "patients",
      patientKey: "patient_id",
      fields: [
        field("patient_id", "Integer", "Linking"),
        field("name", "Text", "Direct"),
        field("sex", "Text", "Quasi"),
        field("born", "Date", "Quasi"),
        field("weight", "Decimal", "Sensitive"),
        field("smoker", "Boolean", "Sensitive"),
        field("Ward Code", "Text", "Neutral"),
        field("mother_id", "Integer", "Linking"),
      ],
    },
    {
      name: "measurements",
      patientKey: "patient_id",
      fields: [
        field("patient_id", "Integer", "Linking"),
        field("record_id", "Integer", "Linking"),
        field("taken", "Timestamp", "Sensitive"),
        field("serum", "Decimal", "Sensitive"),
        field("skin", "Decimal", "Sensitive"),
        field("site", "Text", "Neutral"),
        field("tries", "Integer", "Neutral"),
      ],
    },
    {
      name: "mothers",
      patientKey: "ssn",
      fields: [
        field("ssn", "Text", "Direct"),
        field("mother_id", "Integer", "Linking"),
        field("age", "Integer", "Quasi"),
      ],
    },
    { name: "wards", patientKey: "", fields: [field("code", "Text", "Neutral"), field("beds", "Integer", "Neutral")] },
  ],
  joins: [
    { left: "patients.Ward Code", right: "wards.code" },
    { left: "patients.mother_id", right: "mothers.mother_id" },
  ],
};

export const fieldNumber = (name: string): number =>
  numberFields(clinic).findIndex((candidate) => `${candidate.table}.${candidate.name}` === name);
export const everyField = (1n << 64n) - 1n;

export const terms: CompileContext = {
  description: clinic,
  schema: "governed",
  fields: everyField,
  scope: everyRow,
  minCohort: 5,
  rounding: 5,
  maxRows: 1000,
  pseudonymKey: new Uint8Array(32).fill(7),
};

export type Patient = {
  readonly patient_id: string;
  readonly sex: string | null;
  readonly born: string | null;
  readonly weight: string | null;
  readonly smoker: boolean | null;
  readonly ward: string | null;
  readonly mother_id: string | null;
};
export type Measurement = {
  readonly patient_id: string;
  readonly record_id: string;
  readonly taken: string;
  readonly serum: string | null;
  readonly skin: string | null;
  readonly site: string | null;
  readonly tries: string | null;
};
export type Mother = { readonly ssn: string; readonly mother_id: string; readonly age: string | null };
export type ClinicData = {
  readonly patients: readonly Patient[];
  readonly measurements: readonly Measurement[];
  readonly mothers: readonly Mother[];
};

export type Clinic = {
  readonly client: pg.Client;
  readonly load: (data: ClinicData) => Promise<void>;
  readonly ask: (sql: string, changed?: Partial<CompileContext>) => Promise<Result>;
  readonly close: () => Promise<void>;
};

/** Every value as PostgreSQL's text. */
const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** What may leave of all rows at once. */
export function finishAll({ columns, finish }: Compiled, rows: readonly RawRow[]): Result {
  const { take, end } = finish();
  const finished = rows.map(take);
  end();
  return { columns, rows: finished };
}

export async function openClinic(): Promise<Clinic> {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(tables);
  const load = async (data: ClinicData): Promise<void> => {
    await client.query("TRUNCATE governed.patients, governed.measurements, governed.mothers");
    await client.query(
      "INSERT INTO governed.patients SELECT * FROM json_populate_recordset(null::governed.patients, $1)",
      [JSON.stringify(data.patients.map(({ ward, ...patient }) => ({ ...patient, "Ward Code": ward })))],
    );
    for (const name of ["measurements", "mothers"] as const)
      await client.query(
        `INSERT INTO governed.${name} SELECT * FROM json_populate_recordset(null::governed.${name}, $1)`,
        [JSON.stringify(data[name])],
      );
  };
  const ask: Clinic["ask"] = async (sql, changed = {}) => {
    const compiled = compile(await parseStatement(sql, clinic), { ...terms, ...changed });
    const { rows } = await client.query({
      text: compiled.text,
      values: [...compiled.values],
      rowMode: "array",
      types: asText,
    });
    return finishAll(compiled, rows);
  };
  const close = async (): Promise<void> => {
    await client.end();
    await database.drop();
  };
  return { client, load, ask, close };
}

const tables = `
  CREATE SCHEMA governed;
  CREATE TABLE governed.patients (patient_id bigint, sex text, born date, weight numeric, smoker boolean, "Ward Code" text, mother_id bigint);
  CREATE TABLE governed.measurements (patient_id bigint, record_id bigint, taken timestamp, serum numeric, skin numeric, site text, tries bigint);
  CREATE TABLE governed.mothers (ssn text, mother_id bigint, age bigint);
  CREATE TABLE governed.wards (code text, beds bigint);
  INSERT INTO governed.wards VALUES ('A', 10), ('B', 20), ('C', 30);
`;

/** The same clinic for a seed, plain numbers from a linear congruential generator. */
export function sampleClinic(seed: number, count: number): ClinicData {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const maybe = <T>(value: T): T | null => (next(12) === 0 ? null : value);
  const pick = (values: readonly string[]): string => values[next(values.length)] ?? "";
  const mothers = Array.from({ length: Math.ceil(count * 0.7) }, (_, index) => ({
    ssn: `ssn-${index}`,
    mother_id: String(index + 1),
    age: maybe(String(18 + next(25))),
  }));
  const patients = Array.from({ length: count }, (_, index) => ({
    patient_id: String(9_007_199_254_740_993n + BigInt(index)),
    sex: maybe(pick(["F", "M"])),
    born: maybe(`20${10 + next(4)}-0${1 + next(9)}-1${next(10)}`),
    weight: maybe(`${2 + next(3)}.${next(100)}`),
    smoker: maybe(next(3) === 0),
    ward: maybe(pick(["A", "B", "C", "D"])),
    mother_id: maybe(String(1 + next(mothers.length))),
  }));
  const measurements = patients.flatMap(({ patient_id }, patient) =>
    Array.from({ length: next(5) }, (_, index) => ({
      patient_id,
      record_id: String(patient * 10 + index),
      taken: `2024-0${1 + next(9)}-0${1 + next(9)}T0${next(10)}:30:00`,
      serum: maybe(`${100 + next(200)}.${next(10)}`),
      skin: maybe(`${100 + next(200)}`),
      site: maybe(pick(["Head", "chest"])),
      tries: maybe(String(next(4))),
    })),
  );
  return { patients, measurements, mothers };
}
