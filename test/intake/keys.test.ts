import { afterAll, expect, it } from "vitest";
import type { Proposal } from "../../server/intake/propose.ts";
import { columnOf, createFiles, prepare, refusal } from "./support.ts";

const files = createFiles();
afterAll(files.remove);

const id = (i: number): string => `9d188916-8390-282b-3ec2-${String(i).padStart(12, "0")}`;
const lines = (count: number, line: (i: number) => string): string =>
  `${Array.from({ length: count }, (_, i) => line(i)).join("\n")}\n`;

function hospital(): string[] {
  return [
    files.write("patients.csv", `Id,SEX\n${lines(30, (i) => `${id(i)},F`)}`),
    files.write(
      "encounters.csv",
      `Id,PATIENT,PROVIDER\n${lines(90, (i) => `${id(1_000 + i)},${id(i % 30)},${id(500 + (i % 9))}`)}`,
    ),
    files.write(
      "claims.csv",
      `Id,PATIENTID,APPOINTMENT\n${lines(50, (i) => `${id(2_000 + i)},${id(i % 20)},${id(1_000 + i)}`)}`,
    ),
    files.write("providers.csv", `Id,NAME\n${lines(9, (i) => `${id(500 + i)},Dr ${i}`)}`),
  ];
}

const keysOf = (proposal: Proposal): string[] =>
  proposal.tables.map(({ table, patientKey }) => `${table}.${patientKey.column}`);

it.each([[["PATIENT"]], [["patient"]], [["patients.Id"]], [["encounters.PATIENT", "claims.PATIENTID"]], [[]]])(
  "finds the patients of all tables from --patient-key %j",
  async (patientKeys) => {
    const proposal = await prepare(hospital(), { patientKeys });
    expect(keysOf(proposal)).toEqual(["patients.Id", "encounters.PATIENT", "claims.PATIENTID", "providers."]);
    expect(columnOf(proposal, "patients", "Id").level).toBe("Linking");
  },
);

it("takes the named patient column of a table even if some of its patients are missing", async () => {
  const strays = files.write(
    "strays.csv",
    `Id,REFERRER,PATIENTID\n${lines(40, (i) => `${id(3_000 + i)},${id(i % 9)},${id(i)}`)}`,
  );
  const proposal = await prepare([...hospital(), strays], { patientKeys: ["PATIENT"] });
  expect(proposal.tables[4]?.patientKey).toMatchObject({
    column: "PATIENTID",
    reason: "named as a patient number, though not all are in patients.Id",
  });
});

it("prefers the patient column whose values are patients", async () => {
  const mixed = files.write("mixed.csv", `pid,PATIENTID\n${lines(40, (i) => `${id(7_000 + i)},${id(i % 30)}`)}`);
  const proposal = await prepare([...hospital(), mixed], { patientKeys: ["PATIENT"] });
  expect(proposal.tables[4]?.patientKey.column).toBe("PATIENTID");
});

it("lets table.COLUMN win over COLUMN, and takes it for that table alone", async () => {
  const file = files.write("visits.csv", "id,mother_id\n1,7\n2,8\n");
  const other = files.write("labs.csv", "id,mother_id\n1,7\n2,8\n");
  const proposal = await prepare([file, other], { patientKeys: ["visits.mother_id", "id"] });
  expect(keysOf(proposal)).toEqual(["visits.mother_id", "labs.id"]);
});

it("refuses a patient key that no table has, listing the columns", async () => {
  const [file = ""] = hospital();
  const error = await refusal(() => prepare([file], { patientKeys: ["PATIENT_NO"] }));
  expect(error).toMatchObject({
    code: "OptionUnresolved",
    given: "PATIENT_NO",
    available: ["patients.Id", "patients.SEX"],
  });
  expect(await refusal(() => prepare([file], { patientKeys: ["patients.nope"] }))).toMatchObject({
    available: ["patients.Id", "patients.SEX"],
  });
  const wards = files.write("wards.csv", "code,beds\nA,1\n");
  expect(await refusal(() => prepare([wards], { patientKeys: [] }))).toMatchObject({ code: "PatientKeyMissing" });
});

it("proposes joins that names or UUIDs suggest and data bears out", async () => {
  const proposal = await prepare(hospital(), { patientKeys: ["PATIENT"] });
  expect(proposal.description.joins).toEqual([
    { left: "encounters.PROVIDER", right: "providers.Id" },
    { left: "claims.APPOINTMENT", right: "encounters.Id" },
  ]);
  expect(columnOf(proposal, "encounters", "PROVIDER").level).toBe("Linking");
});

it("proposes no join that one value belies", async () => {
  const visits = files.write("visits.csv", `id,ward_id\n${lines(40, (i) => `${i},W${i % 5}`)}40,W9\n`);
  const wards = files.write("wards.csv", `id,beds\n${lines(5, (i) => `W${i},3`)}`);
  const proposal = await prepare([visits, wards], { patientKeys: ["visits.id"] });
  expect(proposal.joins).toEqual([]);
});

it("raises what joins to Linking, and drops the join if told to keep it lower", async () => {
  const visits = files.write("visits.csv", `id,ward\n${lines(40, (i) => `${i},W${i % 5}`)}`);
  const wards = files.write("wards.csv", `ward_no,beds\n${lines(5, (i) => `W${i},3`)}`);
  const proposal = await prepare([visits, wards], { patientKeys: ["visits.id"] });
  expect(proposal.description.joins).toEqual([{ left: "visits.ward", right: "wards.ward_no" }]);
  expect(columnOf(proposal, "visits", "ward")).toMatchObject({ level: "Linking", reason: "joins tables" });
  const kept = await prepare([visits, wards], { patientKeys: ["visits.id"], levels: ["visits.ward=Quasi"] });
  expect(kept.joins).toEqual([]);
});

it("gives patient keys one type, so that they join", async () => {
  const births = files.write("births.csv", "pid\n1\n2\n");
  const visits = files.write("visits.csv", "pid\n1\n007\n");
  const proposal = await prepare([births, visits], { patientKeys: ["pid"] });
  expect(proposal.description.tables.map(({ fields }) => fields[0]?.fieldType)).toEqual(["Text", "Text"]);
});

it("says how many rows belong to no patient", async () => {
  const file = files.write("gaps.csv", "id,v\n1,2\n,3\n,4\n");
  expect((await prepare([file])).notes).toEqual(["2 of 3 rows of gaps have no id and count for no patient."]);
});

it("refuses more than 256 columns, until enough are left out", async () => {
  const header = ["id", ...Array.from({ length: 256 }, (_, i) => `c${i}`)];
  const file = files.write("wide.csv", `${header.join(",")}\n${header.map(() => "1").join(",")}\n`);
  const error = await refusal(() => prepare([file]));
  expect(error).toMatchObject({ code: "FieldsTooMany", fields: 257, limit: 256 });
  expect(error.message).toContain("--drop table.column");
  const proposal = await prepare([file], { drop: ["wide.c7"] });
  expect(proposal.description.tables[0]?.fields).toHaveLength(256);
  expect(await refusal(() => prepare([file], { drop: ["wide.c999"] }))).toMatchObject({ code: "OptionUnresolved" });
});
