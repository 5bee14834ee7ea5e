import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Description } from "../../server/domain/dataset.ts";
import { loadDataset } from "../../server/intake/load.ts";
import { ensureReader } from "../../server/intake/reader.ts";
import { renewViews } from "../../server/intake/views.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { createFiles, prepare, refusal } from "./support.ts";

const files = createFiles();
const role = `reader_${randomBytes(6).toString("hex")}`;
const password = randomBytes(18).toString("base64url");
let database: TestDatabase;
let admin: pg.Client;
let reader: pg.Client;
let description: Description;

beforeAll(async () => {
  database = await createDatabase();
  admin = await connect(database.url);
  await admin.query("CREATE TABLE public.secrets (v text); GRANT SELECT ON public.secrets TO PUBLIC");
  await admin.query(`CREATE ROLE ${role}_staff; CREATE ROLE ${role} CREATEROLE IN ROLE ${role}_staff`);
  await ensureReader(admin, { role, password, statementTimeoutMs: 300 });
  const file = files.write("patients.csv", "id,name,sex,ward\nA1,王芳,F,N1\nA2,李娜,F,N2\n");
  const proposal = await prepare([file]);
  description = proposal.description;
  await loadDataset(admin, proposal, { name: "wards", replace: false, reader: role });
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  reader = await connect(url.href);
});

afterAll(async () => {
  await reader.end();
  await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}; DROP ROLE ${role}_staff`);
  await admin.end();
  await database.drop();
  files.remove();
});

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

it("reads the governed views, which have no Direct column", async () => {
  const { rows } = await reader.query("SELECT * FROM governed_wards.patients ORDER BY id");
  expect(rows).toEqual([
    { id: "A1", sex: "F", ward: "N1" },
    { id: "A2", sex: "F", ward: "N2" },
  ]);
});

it.each([
  ["the base table", "SELECT * FROM data_wards.patients", "42501"],
  ["a Direct column", "SELECT name FROM governed_wards.patients", "42703"],
  ["the schema public", "SELECT * FROM public.secrets", "42501"],
  ["a write", "INSERT INTO governed_wards.patients VALUES ('A3', 'F', 'N3')", "42501"],
  [
    "a write outside read-only",
    "SET default_transaction_read_only = off; DELETE FROM governed_wards.patients",
    "42501",
  ],
  ["a temporary table", "SET default_transaction_read_only = off; CREATE TEMP TABLE t (v text)", "42501"],
  ["a table", "SET default_transaction_read_only = off; CREATE TABLE public.t (v text)", "42501"],
  ["a schema", "SET default_transaction_read_only = off; CREATE SCHEMA s", "42501"],
  ["a role that it once had", `SET ROLE ${role}_staff`, "42501"],
  ["the administrator", "SET ROLE postgres", "42501"],
  ["another session", "SET SESSION AUTHORIZATION postgres", "42501"],
  ["a role of its own making", "SET default_transaction_read_only = off; CREATE ROLE x", "42501"],
  ["server files", "SELECT pg_read_file('PG_VERSION')", "42501"],
  ["a large object", "SET default_transaction_read_only = off; SELECT lo_from_bytea(0, 'x')", "42501"],
  ["a program", "COPY (SELECT 1) TO PROGRAM 'true'", "42501"],
  ["the statistics of a base table", "SELECT stavalues1 FROM pg_statistic", "42501"],
  ["more time", "SELECT pg_sleep(2)", "57014"],
])("is refused %s", async (_, sql, state) => {
  const unlock = "SET default_transaction_read_only = off; ";
  if (sql.startsWith(unlock)) await reader.query(unlock);
  expect(await refusal(() => reader.query(sql.replace(unlock, "")))).toMatchObject({ code: state });
  await reader.query("RESET ALL");
});

it("sees nothing of base tables through a leaky function in a filter", async () => {
  const { rows } = await reader.query("SELECT * FROM pg_stats WHERE schemaname = 'data_wards'");
  expect(rows).toEqual([]);
  const { rows: views } = await admin.query(
    "SELECT reloptions FROM pg_class WHERE relkind = 'v' AND relname = 'patients'",
  );
  expect(views).toEqual([{ reloptions: ["security_barrier=true"] }]);
});

it("sees a changed level at once when the views are renewed", async () => {
  const relevel = (field: string, level: "Direct" | "Quasi"): Description => ({
    ...description,
    tables: description.tables.map((table) => ({
      ...table,
      fields: table.fields.map((each) => (each.name === field ? { ...each, level } : each)),
    })),
  });
  await renewViews(admin, "wards", relevel("ward", "Direct"), role);
  expect(await refusal(() => reader.query("SELECT ward FROM governed_wards.patients"))).toMatchObject({
    code: "42703",
  });
  await renewViews(admin, "wards", description, role);
  expect((await reader.query("SELECT ward FROM governed_wards.patients")).rowCount).toBe(2);
});

it("refuses to renew the views of a dataset that is not loaded", async () => {
  expect(await refusal(() => renewViews(admin, "nowhere", description, role))).toMatchObject({
    code: "DatasetNotLoaded",
  });
});

it("refuses a password that is too weak to keep", async () => {
  const weak = { role, password: "short", statementTimeoutMs: 300 };
  expect(await refusal(() => ensureReader(admin, weak))).toMatchObject({ code: "ReaderPasswordUnfit" });
});

it("is the same login after being set up twice", async () => {
  await ensureReader(admin, { role, password, statementTimeoutMs: 300 });
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  const again = await connect(url.href);
  expect((await again.query("SELECT count(*)::text AS n FROM governed_wards.patients")).rows).toEqual([{ n: "2" }]);
  await again.end();
});
