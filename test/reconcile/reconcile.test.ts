import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { signIn } from "../../server/client/signIn.ts";
import type { AgreementId, RequestDigest } from "../../server/domain/ids.ts";
import { queryMark } from "../../server/domain/queryMark.ts";
import { type PostgresEngine, startPostgres } from "../../server/engines/postgres.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { Reconciled } from "../../server/reconcile/reconcile.ts";
import { createDatapact, type Datapact } from "../support/cli.ts";
import { ask, insurersPurpose, startTestSpace, type TestSpace } from "../support/space.ts";

const prefix = "%m [%p] %q%u@%d/%a ";
let folder: string;
let postgres: PostgresEngine;
let space: TestSpace;
let gateway: Gateway;
let datapact: Datapact;
let agreement: AgreementId;
const shared = process.env.DATAPACT_TEST_POSTGRES;

/** A server of its own that logs every statement in all three forms, as a hospital's does. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "datapact-reconcile-"));
  chmodSync(folder, 0o711);
  const first = await startPostgres(folder, () => undefined);
  await run(first.url("postgres"), [
    "ALTER SYSTEM SET logging_collector = on",
    "ALTER SYSTEM SET log_destination = 'stderr,csvlog,jsonlog'",
    `ALTER SYSTEM SET log_line_prefix = '${prefix}'`,
    "ALTER SYSTEM SET log_statement = 'all'",
    "ALTER SYSTEM SET log_timezone = 'UTC'",
    "ALTER ROLE ALL SET log_min_messages = 'warning'",
  ]);
  await first.stop();
  postgres = await startPostgres(folder, () => undefined);
  process.env.DATAPACT_TEST_POSTGRES = postgres.url("postgres");
  space = await startTestSpace();
  gateway = await space.startGateway();
  datapact = createDatapact(space, gateway);
  agreement = await space.conclude();
  while (
    !(await createClient(gateway.url)
      .agreements()
      .then(
        ({ items }) => items.length === 1,
        () => false,
      ))
  )
    await sleep(50);
});
afterAll(async () => {
  await space?.stop();
  await postgres?.stop();
  process.env.DATAPACT_TEST_POSTGRES = shared;
  rmSync(folder, { recursive: true, force: true });
});

async function run(url: string, statements: readonly string[], application = "psql"): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: application });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const logs = (extension: string): string[] => {
  const found = join(postgres.folder, "data", "log");
  return readdirSync(found)
    .filter((file) => file.endsWith(extension))
    .map((file) => join(found, file));
};

const forms = { csv: ".csv", json: ".json", stderr: ".log" } as const;

/** Waits until all forms of the log have what happened so far: what writes them does so in order, and late. */
async function written(): Promise<void> {
  const isWritten = async (): Promise<boolean> => {
    const mark = `mark ${randomUUID()}`;
    await run(postgres.url("postgres"), [`SELECT '${mark}'`]);
    await sleep(20);
    return Object.values(forms).every((form) => logs(form).some((file) => readFileSync(file, "utf8").includes(mark)));
  };
  await expect.poll(isWritten).toBe(true);
}

/** Starts a new log, so that each test is told of its own time alone. */
async function rotate(): Promise<void> {
  await written();
  for (const form of Object.values(forms)) for (const file of logs(form)) rmSync(file);
  await run(postgres.url("postgres"), ["SELECT pg_rotate_logfile()"]);
  await written();
}

async function reconcileAs(
  form: keyof typeof forms,
  ...more: readonly string[]
): Promise<{ code: number | null; report: Reconciled }> {
  await written();
  const args = ["--as", "hospital", "--form", form, "--prefix", prefix, "--json", ...more];
  const { code, out, error } = await datapact("reconcile", "--log", ...logs(forms[form]), ...args);
  expect(error).toBe("");
  return { code, report: JSON.parse(out.split("\n")[0] ?? "") as Reconciled };
}

const oddities = ({ unaccounted }: Reconciled): string[] => unaccounted.map(({ oddity }) => oddity);

describe("the database's own log and the entries", () => {
  it("agree while everything goes through the gateway, whichever form the log has", async () => {
    await rotate();
    for (let i = 0; i < 5; i += 1) await ask(space, gateway, agreement);
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        ask(space, gateway, agreement, { statement: `SELECT count(*) AS n${i % 4} FROM newborns` }),
      ),
    );
    await ask(space, gateway, agreement, { purpose: insurersPurpose });
    for (const form of ["csv", "json", "stderr"] as const) {
      const { code, report } = await reconcileAs(form);
      expect(report.unaccounted, form).toEqual([]);
      expect(report, form).toMatchObject({ statements: 13, accounted: 13, leftOut: 0 });
      expect(code).toBe(0);
    }
  });

  it("theAdministrator: who reads past the gateway is found, in whatever way", async () => {
    const admin = space.engines.hospitalAdminUrl;
    await run(admin, [
      "CREATE VIEW public.harmless AS SELECT * FROM data_neonatal_jaundice.newborns".replace(
        "data_neonatal_jaundice",
        await schemaOf("data"),
      ),
      `CREATE FUNCTION public.quiet() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM ${await schemaOf("data")}.newborns'`,
    ]);
    await rotate();
    const ways = [
      `SELECT *\n FROM\n\t${await schemaOf("data")}."newborns"\n WHERE true`,
      "SELECT patient_id FROM harmless LIMIT 1",
      "SELECT public.quiet()",
      `COPY ${await schemaOf("data")}.bilirubin TO STDOUT`,
      `DO $$ BEGIN PERFORM * FROM ${await schemaOf("data")}.newborns LIMIT 1; END $$`,
      `UPDATE ${await schemaOf("data")}.newborns SET sex = sex WHERE false`,
    ];
    for (const way of ways.filter((text) => !text.startsWith("COPY"))) await run(admin, [way], "a quiet tool");
    await run(admin, [
      `PREPARE p AS SELECT count(*) FROM ${await schemaOf("data")}.newborns`,
      "EXECUTE p",
      "BEGIN",
      `DECLARE c CURSOR FOR SELECT * FROM ${await schemaOf("data")}.newborns`,
      "FETCH 5 FROM c",
      "COMMIT",
    ]);
    await run(admin, ["SELECT 1", "SELECT count(*) FROM pg_class", "SELECT 'new borns'"]);
    for (const form of ["csv", "json", "stderr"] as const) {
      const { code, report } = await reconcileAs(form);
      expect(code).toBe(1);
      expect(oddities(report), form).toEqual(Array.from({ length: 8 }, () => "Bypassed"));
      expect(new Set(report.unaccounted.map(({ user }) => user))).toEqual(new Set(["postgres"]));
      expect(report.unaccounted[0]?.application).toBe("a quiet tool");
      expect(JSON.stringify(report)).not.toContain("patient_id");
    }
    const { report } = await reconcileAs("csv", "--leave-out", "postgres");
    expect(report).toMatchObject({ unaccounted: [], leftOut: 8 });
  });

  it("thePassword: who uses the gateway's own login is found, with a mark or without", async () => {
    await rotate();
    const { entry } = await ask(space, gateway, agreement);
    const governed = await schemaOf("governed");
    const client = new pg.Client({ connectionString: space.engines.hospitalUrl, application_name: "datapact reader" });
    await client.connect();
    const read = (mark?: string) =>
      client.query({
        text: `SELECT count(*) FROM ${governed}.newborns WHERE $1::int = 1`,
        values: [1],
        portal: mark,
      } as pg.QueryConfig);
    await read();
    await read(queryMark(entry.request as RequestDigest));
    await read(`datapact_${"ab".repeat(20)}`);
    await client.end();
    const { report } = await reconcileAs("csv");
    expect(oddities(report)).toEqual(["MarkMissing", "MarkRepeated", "MarkUnknown"]);
    expect(report.accounted).toBe(1);
  });

  it("become a finding of the regulator's, which names no statement", async () => {
    await rotate();
    await run(space.engines.hospitalAdminUrl, [
      `SELECT * FROM ${await schemaOf("data")}.newborns WHERE sex = 'NEEDLE-1'`,
    ]);
    await written();
    const { code, out } = await datapact("reconcile", "--log", ...logs(".csv"), "--as", "commission", "--record");
    expect(code).toBe(1);
    expect(out).toMatch(/Recorded as finding 0x[0-9a-f]{64}/);
    expect(out).not.toContain("NEEDLE");
    const regulator = await signIn(
      gateway.url,
      space.founded.wallet("commission"),
      space.founded.space.manifest.chainId,
    );
    const { items } = await regulator.findings();
    expect(items[0]?.text).toMatch(/^The database's log from .*\nBypassed: 1 times, .* logins postgres\./);
    expect(JSON.stringify(items)).not.toContain("NEEDLE");
    const [exported] = items[0]?.entries ?? [];
    expect((await regulator.entry({ index: String(exported) })).item.entry).toMatchObject({ act: "Exported" });
  });
});

async function schemaOf(kind: "data" | "governed"): Promise<string> {
  const client = new pg.Client({ connectionString: space.engines.hospitalAdminUrl });
  await client.connect();
  const { rows } = await client.query<{ nspname: string }>("SELECT nspname FROM pg_namespace WHERE nspname ~ $1", [
    `^${kind}_`,
  ]);
  await client.end();
  return rows[0]?.nspname ?? "";
}
