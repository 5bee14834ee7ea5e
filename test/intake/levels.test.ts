import { afterAll, expect, it } from "vitest";
import { columnOf, createFiles, prepare, refusal } from "./support.ts";

const files = createFiles();
afterAll(files.remove);

const rows = 60;
type Value = (row: number) => string;
const word: Value = (i) => `word${"abcdefg"[i % 7]}`;
const number: Value = (i) => String((i * 37) % 11);
const decimal: Value = (i) => `${i}.5`;
const uuid: Value = (i) => `9d188916-8390-282b-3ec2-${String(i).padStart(12, "0")}`;

async function levelOf(column: string, value: Value): Promise<string> {
  const lines = Array.from({ length: rows }, (_, i) => `${i},"${value(i)}"`);
  const file = files.write("levels.csv", `id,"${column}"\n${lines.join("\n")}\n`);
  return columnOf(await prepare([file]), "levels", column).level;
}

it.each(
  [
    "name",
    "NAME",
    "first",
    "FIRST_NAME",
    "lastName",
    "ownername",
    "SSN",
    "passport",
    "DRIVERS",
    "phone",
    "MOBILE",
    "e_mail",
    "Address",
    "LAT",
  ]
    .concat([
      "lon",
      "birthplace",
      "姓名",
      "母亲姓名",
      "新生儿姓名",
      "身份证号",
      "证件号码",
      "联系电话",
      "手机号",
      "家庭住址",
      "医保卡号",
      "出生地",
      "联系人",
    ])
    .concat(["notes", "remark", "备注", "现病史", "UDI", "photo", "微信号", "签名"]),
)("proposes Direct for a text called %s", async (column) => expect(await levelOf(column, word)).toBe("Direct"));

it.each([
  "patient_id",
  "encounterId",
  "CLAIMID",
  "mrn",
  "住院号",
  "病案号",
  "门诊号",
  "样本编号",
  "条码",
  "visit_no",
  "serial",
  "SERIES_UID",
])("proposes Linking for a text called %s", async (column) => expect(await levelOf(column, word)).toBe("Linking"));

it.each([
  "gender",
  "RACE",
  "marital",
  "zip",
  "city",
  "性别",
  "民族",
  "邮编",
  "职业",
  "科室",
  "床号",
  "年龄",
  "籍贯",
  "device_name",
  "设备型号",
])("proposes Quasi for a text called %s", async (column) => expect(await levelOf(column, word)).toBe("Quasi"));

it.each([
  "diagnosis",
  "DIAGNOSIS1",
  "code",
  "DESCRIPTION",
  "诊断",
  "疾病编码",
  "手术名称",
  "药品名称",
  "过敏史类型",
  "reasoncode",
  "血型",
])("proposes Sensitive for a text called %s", async (column) => expect(await levelOf(column, word)).toBe("Sensitive"));

it.each([
  ["a number called acid", "uric_acid", number, "Neutral"],
  ["a decimal", "tsb", decimal, "Neutral"],
  ["zeros and ones", "tsb", (i: number) => String(i % 2), "Sensitive"],
  ["zeros and ones with a point", "tsb", (i: number) => `${i % 2}.0`, "Sensitive"],
  ["a result in numbers", "result", number, "Neutral"],
  ["a cost of a procedure", "procedure_cost", decimal, "Neutral"],
  ["a diagnosis code in digits", "diagnosis_code", number, "Sensitive"],
  ["units", "units", word, "Neutral"],
  ["a date", "seen", (i: number) => `2024-01-${String((i % 28) + 1).padStart(2, "0")}`, "Quasi"],
  ["a yes or no", "g6pd", (i: number) => (i % 2 ? "true" : "false"), "Sensitive"],
  ["UUIDs", "thing", uuid, "Linking"],
  ["texts that occur once", "thing", (i: number) => `X${i}Y`, "Linking"],
  ["numbers that occur once", "thing", (i: number) => String(i * 7), "Linking"],
  ["long numbers", "thing", (i: number) => `2024000000000${i % 7}`, "Linking"],
  ["texts of many words", "thing", (i: number) => `came in with complaint ${i}`, "Direct"],
  ["sentences in Chinese", "内容", (i: number) => `患儿出生后第${i}天皮肤黄染明显`, "Direct"],
  ["identity numbers under any name", "code", () => "11010519491231002X", "Direct"],
  ["mobile numbers under any name", "code", (i: number) => `138001380${10 + (i % 80)}`, "Direct"],
  ["e-mail addresses under any name", "code", (i: number) => `a${i}@example.org`, "Direct"],
  ["social security numbers under any name", "code", (i: number) => `123-45-67${10 + (i % 80)}`, "Direct"],
  [
    "Chinese names under any name",
    "分组",
    (i: number) => `${"王李张刘陈"[i % 5]}${"芳娜伟洋静敏"[i % 6]}${"一二三"[i % 3]}`,
    "Direct",
  ],
  ["a short list of numbers called id", "type_id", (i: number) => String(i % 3), "Quasi"],
  ["an empty column", "thing", () => "", "Sensitive"],
] as const)("proposes for %s", async (_, column, value, level) => expect(await levelOf(column, value)).toBe(level));

it("gives every column one line that says why", async () => {
  const file = files.write("why.csv", "id,姓名,v\n1,王芳,2.5\n");
  const proposal = await prepare([file]);
  const reasons = proposal.tables.flatMap(({ columns }) => columns.map(({ reason }) => reason));
  expect(reasons).toEqual([
    "patient key; named as the number of a record",
    "named as a person's name",
    "a measurement",
  ]);
});

it("takes a given level over the proposal, but for a patient key below Linking", async () => {
  const file = files.write("given.csv", "id,name,v\n1,x,2.5\n");
  const proposal = await prepare([file], { levels: ["given.name=quasi", "v=Sensitive"] });
  expect(proposal.description.tables[0]?.fields.map(({ level }) => level)).toEqual(["Linking", "Quasi", "Sensitive"]);
  for (const level of ["id=Neutral", "given.nope=Quasi", "name=Secret", "name"])
    expect(await refusal(() => prepare([file], { levels: [level] }))).toMatchObject({ code: "OptionUnresolved" });
});
