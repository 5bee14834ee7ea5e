import { afterAll, expect, it } from "vitest";
import { columnOf, createFiles, prepare, refusal } from "./support.ts";

const files = createFiles();
afterAll(files.remove);

/** 姓名,性别 / 王芳,女 in GBK. */
const gbk = Buffer.from([0x69, 0x64, 0x2c, 0xd0, 0xd5, 0xc3, 0xfb, 0x0a, 0x31, 0x2c, 0xcd, 0xf5, 0xb7, 0xbc, 0x0a]);
/** The same in Big5: 姓名 / 王芳. */
const big5 = Buffer.from([0x69, 0x64, 0x2c, 0xa9, 0x6d, 0xa6, 0x57, 0x0a, 0x31, 0x2c, 0xa4, 0xfd, 0xaa, 0xda, 0x0a]);
/** なまえ / カナ in Shift_JIS. */
const sjis = Buffer.from([
  0x69, 0x64, 0x2c, 0x82, 0xc8, 0x82, 0xdc, 0x82, 0xa6, 0x0a, 0x31, 0x2c, 0x83, 0x4a, 0x83, 0x69, 0x0a,
]);

it.each([
  ["GBK", gbk, "gb18030", "姓名"],
  ["Big5", big5, "big5", "姓名"],
  ["Shift_JIS", sjis, "shift_jis", "なまえ"],
  ["Windows-1252", Buffer.from("id,pr\xe9nom\n1,Ren\xe9\n", "latin1"), "windows-1252", "prénom"],
  ["UTF-16LE with a mark", Buffer.from("\ufeffid,姓名\n1,王芳\n", "utf16le"), "utf-16le", "姓名"],
  ["UTF-16LE without a mark", Buffer.from("id,姓名\n1,王芳\n", "utf16le"), "utf-16le", "姓名"],
  ["UTF-16BE", Buffer.from("\ufeffid,姓名\n1,王芳\n", "utf16le").swap16(), "utf-16be", "姓名"],
])("refuses %s naming it and the option, and takes it with the option", async (name, bytes, likely, column) => {
  const file = files.write(`${name.replaceAll(/\W/g, "_")}.csv`, bytes);
  const error = await refusal(() => prepare([file]));
  expect(error).toMatchObject({ code: "EncodingMismatch", facts: { file, encoding: "utf-8", likely } });
  expect(error.message).toContain(`--encoding ${likely}`);
  const proposal = await prepare([file], { encodings: [likely] });
  expect(proposal.tables[0]?.header).toEqual(["id", column]);
});

it("names GBK and the line and byte of a damaged place far into a file", async () => {
  const start = `id,v\n${"1,plain\n".repeat(60_000)}`;
  const file = files.write("far.csv", Buffer.concat([Buffer.from(start), gbk.subarray(8)]));
  const error = await refusal(() => prepare([file]));
  expect(error).toMatchObject({ facts: { likely: "gb18030", offset: start.length + 3, line: 60_002 } });
  expect(error.message).toContain("GB18030 (GBK)");
});

it("says that a file is damaged rather than otherwise encoded, and that NUL is no text", async () => {
  const text = `id,名\n${"1,中文内容中文内容\n".repeat(50)}`;
  const damaged = files.write("damaged.csv", Buffer.concat([Buffer.from(text), Buffer.from([0x31, 0x2c, 0xff, 0x0a])]));
  const refused = await refusal(() => prepare([damaged]));
  expect(refused.message).toContain("It looks like UTF-8 with damage at that place");
  expect(refused).toMatchObject({
    facts: { line: 52, offset: Buffer.byteLength(text) + 2 },
  });
  const nul = files.write("nul.csv", "id,v\n1,a\0b\n2,a longer plain text follows\n");
  expect(await refusal(() => prepare([nul]))).toMatchObject({ facts: { line: 2, offset: 8 } });
});

it("refuses to garble a file that is UTF-8, and takes an encoding for one table only", async () => {
  const utf8 = files.write("utf8.csv", "id,姓名\n1,王芳李娜张伟刘洋陈静\n");
  const other = files.write("other.csv", gbk);
  expect(await refusal(() => prepare([utf8], { encodings: ["gbk"] }))).toMatchObject({ code: "EncodingUnneeded" });
  const proposal = await prepare([utf8, other], { encodings: ["other=gbk"] });
  expect(proposal.tables.map(({ header }) => header[1])).toEqual(["姓名", "姓名"]);
  expect(await refusal(() => prepare([utf8], { encodings: ["utf-99"] }))).toMatchObject({ code: "EncodingUnknown" });
  expect(await refusal(() => prepare([utf8], { encodings: ["nope=gbk"] }))).toMatchObject({ code: "OptionUnresolved" });
});

it("strips a byte order mark, keeps line breaks within quotes, and skips blank lines", async () => {
  const file = files.write("quoted.csv", '\ufeff"id","note"\r\n1,"two\r\nlines, ""quoted"""\r\n\r\n2,x\r\n');
  const proposal = await prepare([file]);
  expect(proposal.tables[0]).toMatchObject({ rows: 2, header: ["id", "note"] });
  expect(columnOf(proposal, "quoted", "note").meanLength).toBe((22 - 2 + 1) / 2);
});

it.each([
  [";", "id;v\n1;2,5\n", undefined],
  ["\t", "id\tv\n1\t2,5\n", undefined],
  [",", '"id;a;b;c",v\n1,2\n', undefined],
  ["|", "id|v\n1|2\n", "pipe"],
])("finds the delimiter %j", async (delimiter, content, option) => {
  const file = files.write("delimited.csv", content);
  const proposal = await prepare([file], { delimiter: option, patientKeys: ["v"] });
  expect(proposal.tables[0]).toMatchObject({ file: { delimiter } });
  expect(proposal.tables[0]?.header).toHaveLength(2);
});

it.each([
  ["RowRagged", "id,v\n1,2\n\n3,4,5\n", { line: 4, expected: 2, actual: 3 }],
  ["RowRagged", 'id,v\n1,"a\nb\nc"\n"x\ny"\n', { line: 5, expected: 2, actual: 1 }],
  ["RowMalformed", 'id,v\n1,5" tube\n', { line: 2 }],
  ["RowMalformed", 'id,v\n1,"a"b\n', { line: 2 }],
  ["RowMalformed", 'id,v\n1,2\n3,"open\n4,5\n', {}],
  ["HeaderInvalid", "id,,v\n1,2,3\n", { column: "" }],
  ["HeaderInvalid", "id,ID\n1,2\n", { column: "ID" }],
  ["HeaderInvalid", "ID,id\n1,2\n", { column: "id" }],
  ["HeaderInvalid", "id,a\u200bb\n1,2\n", {}],
  ["HeaderInvalid", "id, v\n1,2\n", { column: " v" }],
  ["HeaderInvalid", `id,${"名".repeat(22)}\n1,2\n`, {}],
  ["HeaderInvalid", "id,ctid\n1,2\n", { column: "ctid" }],
  ["FileEmpty", "", {}],
  ["FileEmpty", "\ufeff", {}],
  ["FileWithoutRows", "id,v\n", {}],
])("refuses with %s: %j", async (code, content, facts) => {
  const file = files.write("bad.csv", content);
  const error = await refusal(() => prepare([file]));
  expect(error).toMatchObject({ code, ...facts });
  expect(error.message).toContain(file);
});

it("refuses a quotation mark that swallows the file before it fills memory", async () => {
  const file = files.write("swallowed.csv", `id,v\n1,"open\n${"2,row\n".repeat(3_500_000)}`);
  expect(await refusal(() => prepare([file]))).toMatchObject({
    code: "RowMalformed",
    problem: expect.stringContaining("16 MiB"),
  });
});

it("refuses files that cannot be read or would become one table", async () => {
  expect(await refusal(() => prepare(["/nowhere/x.csv"]))).toMatchObject({
    code: "FileUnreadable",
    file: "/nowhere/x.csv",
  });
  const one = files.write("a-b.csv", "id\n1\n");
  const two = files.write("A B.csv", "id\n1\n");
  expect(await refusal(() => prepare([one, two]))).toMatchObject({ code: "TableNameTaken", table: "a_b" });
});

it("tells how far it is, in bytes of all files", async () => {
  const file = files.write("progress.csv", `id,v\n${"1,2\n".repeat(200_000)}`);
  const seen: number[] = [];
  const { prepareDataset } = await import("../../server/intake/prepare.ts");
  const options = { title: "T", files: [file], patientKeys: ["id"], levels: [], encodings: [], drop: [] };
  await prepareDataset(options, ({ bytes, totalBytes }) => seen.push(bytes / totalBytes));
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toBe(1);
});
