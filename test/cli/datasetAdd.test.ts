import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptKeystoreJson } from "ethers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concludeAgreement, demoTerms } from "../../scripts/demo/story.ts";
import { listDatasets, type PublishedDataset } from "../../server/client/datasets.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { readerOf } from "../../server/intake/reader.ts";
import { createDatapact, type Datapact, type Run } from "../support/cli.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let datapact: Datapact;
let admin: pg.Client;

const odd = 'Größe "cm" 身高';

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  datapact = createDatapact(space, gateway);
  const { address, privateKey } = space.founded.wallet("hospital");
  const passphrase = readFileSync(space.home.passphrase, "utf8").trim();
  const light = await encryptKeystoreJson({ address, privateKey }, passphrase, { scrypt: { N: 1_024, r: 8, p: 1 } });
  writeFileSync(space.home.keystore("hospital"), light);
  admin = new pg.Client({ connectionString: space.engines.hospitalAdminUrl });
  await admin.connect();
  await admin.query(`
    CREATE SCHEMA his; CREATE SCHEMA "Old Data";
    CREATE TYPE his.sex AS ENUM ('F', 'M');
    CREATE DOMAIN his.kg AS numeric(5, 1);
    CREATE TABLE his."Patients" ("PatientId" integer PRIMARY KEY, full_name text, sex his.sex, born date,
      "${odd.replaceAll('"', '""')}" float8, weight his.kg, uid uuid);
    INSERT INTO his."Patients" SELECT i, 'Name ' || i, (ARRAY['F','M'])[1 + i % 2]::his.sex, date '1950-01-01' + i * 37,
      CASE WHEN i % 50 = 0 THEN 'NaN'::float8 ELSE 150 + i % 40 END, 50 + i % 30, gen_random_uuid() FROM generate_series(1, 300) i;
    CREATE TABLE his.visits (visit bigint, patient integer REFERENCES his."Patients", day timestamp, payload jsonb)
      PARTITION BY RANGE (day);
    CREATE TABLE his.visits_2026 PARTITION OF his.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO his.visits SELECT i, 1 + i % 300, timestamp '2026-01-01 08:00' + i * interval '1 hour', '{}' FROM generate_series(1, 900) i;
    CREATE VIEW "Old Data".stays AS SELECT patient, count(*)::int AS stays FROM his.visits GROUP BY patient;
    CREATE TABLE his.scans (id integer, image bytea, place point, tags text[]);
    CREATE TABLE his."a.b" (id integer, "x.y" integer, "Case" integer, "case" integer);
    CREATE TABLE his.nothing (id integer)`);
});
afterAll(async () => {
  await admin.end();
  await space.stop();
});

const add = (...more: string[]): Promise<Run> =>
  datapact("dataset", "add", "--as", "hospital", "--name", "his", ...more);
const tables = [
  "--table",
  'his."Patients"',
  "his.visits",
  '"Old Data".stays',
  "--patient-key",
  "PatientId",
  "patient",
  "--drop",
  "payload",
];

const governed = async (): Promise<string[]> => {
  const { rows } = await admin.query("SELECT nspname AS name FROM pg_namespace WHERE nspname = 'governed_his'");
  return rows.map(({ name }) => name);
};

function expectRefused({ code, error }: Run, ...patterns: readonly RegExp[]): void {
  for (const pattern of patterns) expect(error).toMatch(pattern);
  expect(error).not.toMatch(/\n\s+at |node_modules|\.ts:\d/);
  expect(code).toBe(2);
}

describe("dataset add", () => {
  it("shows the proposal and the SQL first, and changes nothing", async () => {
    const { code, out, error } = await add(...tables, "--dry-run");
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/patients\.PatientId\s+Integer\s+Linking\s+patient key/);
    expect(out).toMatch(/patients\.full_name\s+Text\s+Direct/);
    expect(out).toMatch(/visits\.day\s+Timestamp/);
    expect(out).toContain('CREATE VIEW "governed_his"."patients" WITH (security_barrier)');
    expect(out).toContain("visits.day has times without an offset");
    expect(out).not.toMatch(/SCRAM-SHA-256\$\d/);
    expect(await governed()).toEqual([]);
    expectRefused(await add(...tables), /add --yes/);
    expect(await governed()).toEqual([]);
  });

  it("names every column that cannot be governed, and what to do", async () => {
    expectRefused(
      await add("--table", "his.scans", "--dry-run"),
      /"image" is bytea/,
      /"place" is point/,
      /"tags" is text\[\]/,
      /--drop/,
    );
    expectRefused(
      await add("--table", 'his."a.b"', "--dry-run"),
      /"x\.y" has a dot/,
      /"Case" and "case" differ in case only/,
    );
    expectRefused(await add("--table", "his.nothing", "--dry-run"), /has no rows/);
    expectRefused(await add("--table", "his.none", "--dry-run"), /no table or view his\.none/, /his\."Patients"/);
    expectRefused(await add("--table", 'his."Patients" --', "--dry-run"), /no table or view/);
    expectRefused(await add("--table", "pg_catalog.pg_authid", "--dry-run"), /no table or view/);
    expectRefused(await add("--table", "his.visits", "--drop", "payload", "nonsense", "--dry-run"), /nonsense/);
  });

  it("takes no password on the command line, and tells none", async () => {
    const url = new URL(space.engines.hospitalAdminUrl);
    const { password } = url;
    const leaked = await add(...tables, "--from", url.href, "--dry-run");
    expectRefused(leaked, /leave the password out/);
    expect(leaked.error + leaked.out).not.toContain(password);
    url.password = "";
    const wrong = join(space.home.folder, "wrong-password");
    writeFileSync(wrong, "not-the-password-7\n");
    const refused = await add(...tables, "--from", url.href, "--password-file", wrong, "--dry-run");
    expectRefused(refused, /does not let this login in \(28P01\)/);
    expect(refused.error + refused.out).not.toContain("not-the-password-7");
    const right = join(space.home.folder, "right-password");
    writeFileSync(right, `${decodeURIComponent(password)}\n`);
    const looked = await add(...tables, "--from", url.href, "--password-file", right, "--dry-run");
    expect(looked.code, looked.error).toBe(0);
    expect(looked.out).not.toContain(password);
  });

  it("writes the SQL for a database administrator, and registers once it was run", async () => {
    const file = join(space.home.folder, "his.sql");
    expect((await add(...tables, "--print-sql", file)).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await governed()).toEqual([]);
    expectRefused(await add(...tables, "--prepared", "--yes"), /cannot read "governed_his"\."patients"/);
    await admin.query(readFileSync(file, "utf8"));
    const done = await add(...tables, "--prepared", "--yes");
    expect(done.code, done.error).toBe(0);
    expect(done.out).toContain("3 tables are governed where they are");
    expectRefused(await add(...tables, "--yes"), /registered already/);
    expect(existsSync(file)).toBe(true);
  });

  it("lets a login read the views that owns nothing and sees no base table", async () => {
    const role = readerOf(space.engines.hospitalAdminUrl);
    const { rows } = await admin.query(
      `SELECT (SELECT count(*)::int FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1::name)) AS owned,
              has_table_privilege($1::name, 'his."Patients"', 'SELECT') AS base, has_schema_privilege($1::name, 'his', 'USAGE') AS schema,
              (SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = $1::name) AS power`,
      [role],
    );
    expect(rows).toEqual([{ owned: 0, base: false, schema: false, power: false }]);
    const reader = new pg.Client({ connectionString: space.engines.hospitalUrl });
    await reader.connect();
    const { rows: people, fields } = await reader.query("SELECT * FROM governed_his.patients");
    expect(people.length).toBe(300);
    expect(fields.map(({ name }) => name)).not.toContain("full_name");
    expect(people.filter((row) => row[odd] === null).length).toBe(6);
    await expect(reader.query('SELECT * FROM his."Patients"')).rejects.toMatchObject({ code: "42501" });
    await reader.end();
  });

  it("answers queries under an agreement, from the very tables, without a copy", async () => {
    const dataset = (await listDatasets(space.founded.space)).find(({ name }) => name === "his") as PublishedDataset;
    const fields = numberFields(dataset.description).filter(({ level }) => level !== "Direct");
    const terms = demoTerms(space.founded, dataset, {
      fields: fields.reduce((bits, { number }) => bits | (1n << BigInt(number)), 0n),
      rows: "",
    });
    const agreement = await concludeAgreement(space.founded, terms);
    const statement =
      'SELECT p.sex, count(*) AS n FROM visits v JOIN patients p ON v.patient = p."PatientId" GROUP BY p.sex ORDER BY p.sex';
    const answer = await ask(space, gateway, agreement, { statement });
    expect(answer).toMatchObject({
      result: {
        rows: [
          ["F", "450"],
          ["M", "450"],
        ],
      },
    });
    await admin.query(
      'DELETE FROM his.visits WHERE patient IN (SELECT "PatientId" FROM his."Patients" WHERE sex = \'M\' LIMIT 50)',
    );
    const later = await ask(space, gateway, agreement, { statement });
    expect(later).toMatchObject({
      result: {
        rows: [
          ["F", "450"],
          ["M", "300"],
        ],
      },
    });
  });
});
