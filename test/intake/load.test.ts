import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LoadOptions, loadDataset } from "../../server/intake/load.ts";
import { baseSchema, governedSchema } from "../../server/intake/names.ts";
import { ensureReader } from "../../server/intake/reader.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { createFiles, prepare, refusal } from "./support.ts";

const files = createFiles();
const role = `reader_${randomBytes(6).toString("hex")}`;
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await ensureReader(admin, { role, password: randomBytes(18).toString("base64url"), statementTimeoutMs: 5_000 });
});

afterAll(async () => {
  await admin.query(`DROP OWNED BY ${role}`);
  await admin.query(`DROP ROLE ${role}`);
  await admin.end();
  await database.drop();
  files.remove();
});

const options = (name: string, replace = false): LoadOptions => ({ name, replace, reader: role });

async function schemas(): Promise<string[]> {
  const { rows } = await admin.query("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(data|governed)_' ORDER BY 1");
  return rows.map(({ nspname }) => nspname);
}

it("keeps every digit, quote, line break and character of a file", async () => {
  const rows = [
    ["9223372036854775807", "0.10", '"a ""quoted""\nline, and 中文"', "007", "true", "2024-02-29", "2024-02-29 23:59"],
    [
      "9007199254740993",
      "-12345678901234567890.123456789012345678901",
      "back\\slash\\N",
      "18446744073709551616",
      "false",
      "",
      "",
    ],
    ["-9223372036854775808", "3.00", '"tab\there"', "x", "", "1999-12-31", "2024-01-01T00:00:00.123456+08:00"],
  ];
  const header = "id,amount,text,code,flag,day,at";
  const file = files.write("exact.csv", `\ufeff${[header, ...rows.map((row) => row.join(","))].join("\r\n")}\r\n`);
  await loadDataset(admin, await prepare([file]), options("exact"));
  const { rows: stored } = await admin.query(
    `SELECT id::text, amount::text, text, code, flag, day::text, at AT TIME ZONE 'UTC' AS at FROM data_exact.exact ORDER BY id DESC`,
  );
  expect(stored.map(({ at, ...rest }) => Object.values(rest))).toEqual([
    ["9223372036854775807", "0.10", 'a "quoted"\nline, and 中文', "007", true, "2024-02-29"],
    [
      "9007199254740993",
      "-12345678901234567890.123456789012345678901",
      "back\\slash\\N",
      "18446744073709551616",
      false,
      null,
    ],
    ["-9223372036854775808", "3.00", "tab\there", "x", null, "1999-12-31"],
  ]);
  const { rows: times } = await admin.query(
    `SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at FROM data_exact.exact WHERE at IS NOT NULL ORDER BY 1`,
  );
  expect(times.map(({ at }) => at)).toEqual(["2023-12-31T16:00:00.123456", "2024-02-29T23:59:00.000000"]);
});

it("loads table and column names as they are, however odd", async () => {
  const file = files.write('出生 "登记".csv', 'id,"姓名 ""曾"" 用",Weird; DROP TABLE x--\n1,王芳,1\n2,李娜,2\n');
  const proposal = await prepare([file]);
  await loadDataset(admin, proposal, options("产科"));
  const { rows } = await admin.query(
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1 ORDER BY ordinal_position",
    [governedSchema("产科")],
  );
  expect(rows.map(({ table_name, column_name }) => [table_name, column_name])).toEqual([
    ["出生_登记_", "id"],
    ["出生_登记_", "Weird; DROP TABLE x--"],
  ]);
});

it("leaves nothing behind when loading fails in the middle", async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i},value ${i}`).join("\n");
  const whole = files.write("whole.csv", "id,v\n1,2\n");
  const broken = files.write("broken.csv", `id,text\n${lines}\n`);
  const proposal = await prepare([whole, broken]);
  appendFileSync(broken, "1,2,3\n");
  const before = await schemas();
  expect(await refusal(() => loadDataset(admin, proposal, options("half")))).toMatchObject({
    code: "RowRagged",
    line: 30_002,
  });
  expect(await schemas()).toEqual(before);
  expect((await admin.query("SELECT 1 AS alive")).rows).toEqual([{ alive: 1 }]);
});

it("leaves nothing behind when the connection breaks in the middle", async () => {
  const lost = new pg.Client({ connectionString: database.url });
  lost.on("error", () => undefined);
  await lost.connect();
  const { rows } = await lost.query("SELECT pg_backend_pid() AS pid");
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i},value ${i}`).join("\n");
  const proposal = await prepare([files.write("lost.csv", `id,text\n${lines}\n`)]);
  let ended: Promise<unknown> | undefined;
  const error = await refusal(() =>
    loadDataset(lost, proposal, options("lost"), () => {
      ended ??= admin.query("SELECT pg_terminate_backend($1, 5000)", [rows[0].pid]);
    }),
  );
  await ended;
  expect(error).toMatchObject({ code: "DatabaseRefused" });
  expect(await schemas()).not.toContain(baseSchema("lost"));
});

it("refuses values that no longer fit their column, without showing them", async () => {
  const file = files.write("shrunk.csv", "id,n\n1,10\n2,20\n");
  const proposal = await prepare([file]);
  files.write("shrunk.csv", "id,n\n1,10\n2,secret\n");
  const error = await refusal(() => loadDataset(admin, proposal, options("shrunk")));
  expect(error).toMatchObject({ code: "DatabaseRefused", state: "22P02" });
  expect(error.message).not.toContain("secret");
  expect(await schemas()).not.toContain(baseSchema("shrunk"));
});

it.each([
  ["more rows", "id,n\n1,10\n2,20\n3,30\n"],
  ["another header", "id,m\n1,10\n2,20\n"],
])("refuses a file that got %s since it was inspected", async (_, content) => {
  const file = files.write("moving.csv", "id,n\n1,10\n2,20\n");
  const proposal = await prepare([file]);
  files.write("moving.csv", content);
  expect(await refusal(() => loadDataset(admin, proposal, options("moving")))).toMatchObject({ code: "FileChanged" });
});

it("replaces a loaded dataset only when told to, and all of it", async () => {
  const first = await prepare([files.write("one.csv", "id,n\n1,10\n"), files.write("two.csv", "id,n\n1,10\n")]);
  await loadDataset(admin, first, options("again"));
  const second = await prepare([files.write("one.csv", "id,n\n7,70\n8,80\n")]);
  expect(await refusal(() => loadDataset(admin, second, options("again")))).toMatchObject({ code: "DatasetLoaded" });
  await loadDataset(admin, second, options("again", true));
  const { rows } = await admin.query(
    "SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_schema ~ 'again$'",
  );
  expect(rows).toHaveLength(2);
  expect((await admin.query("SELECT sum(n)::text AS sum FROM governed_again.one")).rows).toEqual([{ sum: "150" }]);
});

it("refuses a second import of a dataset while one runs", async () => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  await other.query("BEGIN");
  await other.query("SELECT pg_advisory_xact_lock(hashtextextended('data_busy', 0))");
  const proposal = await prepare([files.write("busy.csv", "id,n\n1,10\n")]);
  expect(await refusal(() => loadDataset(admin, proposal, options("busy")))).toMatchObject({ code: "DatasetBusy" });
  await other.end();
});

it("leaves out dropped columns and indexes patient keys and joins", async () => {
  const patients = files.write("patients.csv", "id,n,skip\nA1,1,x\nA2,2,y\n");
  const visits = files.write("visits.csv", "visit_id,patient_id\nV1,A1\nV2,A2\nV3,A2\n");
  const results = files.write("results.csv", "visit_id,patient_id,value\nV1,A1,1.5\nV1,A1,2.5\n");
  const proposal = await prepare([patients, visits, results], { drop: ["patients.skip"] });
  expect(proposal.description.joins).toEqual([{ left: "results.visit_id", right: "visits.visit_id" }]);
  await loadDataset(admin, proposal, options("indexed"));
  const { rows } = await admin.query(
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'data_indexed' ORDER BY indexdef",
  );
  expect(rows.map(({ indexdef }) => indexdef.replace(/.* ON /, ""))).toEqual([
    "data_indexed.patients USING btree (id)",
    "data_indexed.results USING btree (patient_id)",
    "data_indexed.results USING btree (visit_id)",
    "data_indexed.visits USING btree (patient_id)",
    "data_indexed.visits USING btree (visit_id)",
  ]);
});
