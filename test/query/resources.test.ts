import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureReader } from "../../server/intake/reader.ts";
import { compile } from "../../server/query/compile.ts";
import { parseStatement } from "../../server/query/parseStatement.ts";
import { RowLimitExceeded, StatementRefused } from "../../server/query/refused.ts";
import { type Clinic, clinic, finishAll, openClinic, sampleClinic, terms } from "./clinic.ts";

/** One consumer's statement must not take the database or the gateway from the others. */
let opened: Clinic;
let reader: pg.Client;
const statementTimeoutMs = 1_500;

beforeAll(async () => {
  opened = await openClinic();
  await opened.load(sampleClinic(5, 3_000));
  const { rows } = await opened.client.query<{ name: string }>("SELECT current_database() AS name");
  const [role, password] = [`limited_${rows[0]?.name}`, randomBytes(18).toString("base64url")];
  await ensureReader(opened.client, { role, password, statementTimeoutMs });
  await opened.client.query(
    `GRANT USAGE ON SCHEMA governed TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA governed TO ${role}`,
  );
  const { host, port, database } = opened.client;
  reader = new pg.Client({ host, port, database: database ?? "", user: role, password });
  await reader.connect();
});
afterAll(async () => {
  const { user } = reader;
  await reader.end();
  await opened.client.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
  await opened.close();
});

const run = async (sql: string, maxRows = 1_000): Promise<unknown> => {
  const compiled = compile(await parseStatement(sql, clinic), { ...terms, maxRows });
  const { rows } = await reader.query({ text: compiled.text, values: [...compiled.values], rowMode: "array" });
  return finishAll(compiled, rows);
};

describe("refused before the database sees them", () => {
  const deep = (open: string, inside: string, close: string, times: number): string =>
    `SELECT count(*) FROM patients WHERE ${open.repeat(times)}${inside}${close.repeat(times)}`;
  it.each([
    ["cartesianJoin", "SELECT count(*) FROM patients p JOIN measurements m ON true"],
    ["cartesianJoin by comma", "SELECT count(*) FROM patients, measurements"],
    ["depthOf10000 brackets", deep("(", "sex = 'F'", ")", 10_000)],
    ["depthOf10000 negations", deep("NOT ", "smoker", "", 1_500)],
    ["oneGigabyteString", `SELECT count(*) FROM patients WHERE sex = repeat('x', 1000000000)`],
    ["oneGigabyteString by padding", `SELECT lpad(sex, 1000000000), count(*) FROM patients GROUP BY 1`],
    ["regularExpression", "SELECT count(*) FROM patients WHERE sex ~ '(a+)+$'"],
    ["likeWithManyWildcards", `SELECT count(*) FROM patients WHERE sex LIKE '${"%a".repeat(20)}'`],
    ["generateSeries", "SELECT count(*) FROM generate_series(1, 1000000000)"],
    ["sleep", "SELECT pg_sleep(100), count(*) FROM patients"],
  ])("%s", async (_name, sql) => {
    await expect(run(sql)).rejects.toThrow(StatementRefused);
  });
});

describe("ended by the database", () => {
  it("manyRows end at the row limit", async () => {
    await expect(run("SELECT serum, skin, tries FROM measurements", 10)).rejects.toThrow(RowLimitExceeded);
  });

  it("aLongStatement ends at its time and the connection lives on", async () => {
    await opened.client.query(
      "INSERT INTO governed.measurements SELECT m.* FROM governed.measurements m, generate_series(1, 30)",
    );
    const joins = [1, 2, 3].map((n) => `JOIN measurements m${n} ON m${n}.patient_id = p.patient_id`).join(" ");
    const startedAt = performance.now();
    await expect(run(`SELECT avg(m1.serum - m2.serum), stddev(m3.serum) FROM patients p ${joins}`)).rejects.toThrow(
      "statement timeout",
    );
    // a machine may be too busy to notice at once
    expect(performance.now() - startedAt).toBeLessThan(statementTimeoutMs + 10_000);
    expect(await run("SELECT count(*) FROM patients")).toBeDefined();
  });

  it("gives a statement bounded memory, files and one process", async () => {
    const settings = ["work_mem", "temp_file_limit", "max_parallel_workers_per_gather", "jit", "statement_timeout"];
    const { rows } = await reader.query(`SELECT ${settings.map((name) => `current_setting('${name}') AS ${name}`)}`);
    expect(rows[0]).toEqual({
      work_mem: "32MB",
      temp_file_limit: "1GB",
      max_parallel_workers_per_gather: "0",
      jit: "off",
      statement_timeout: "1500ms",
    });
  });
});
