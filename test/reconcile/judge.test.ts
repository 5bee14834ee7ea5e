import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { UsageEntry } from "../../server/domain/entry.ts";
import type { RequestDigest } from "../../server/domain/ids.ts";
import { queryMark } from "../../server/domain/queryMark.ts";
import { type LogRecord, LogUnreadable, readLogTime } from "../../server/reconcile/logRecord.ts";
import { mentions } from "../../server/reconcile/mentions.ts";
import { readLog } from "../../server/reconcile/readLog.ts";
import { type Reconciled, reconcile } from "../../server/reconcile/reconcile.ts";
import { statementOf } from "../../server/reconcile/statementOf.ts";
import { bytes32 } from "../support/evidence.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");
const names = [{ schema: "data_x", name: "newborns" }];
const request = (name: string): RequestDigest => bytes32<RequestDigest>(name);

const record = (message: string, at = 0, more: Partial<LogRecord> = {}): LogRecord => ({
  time: noon + at * 1_000,
  user: "reader",
  database: "hospital",
  application: "datapact reader",
  session: "1.1",
  message,
  detail: "",
  ...more,
});
const ran = (name: string, at = 0): LogRecord =>
  record(`execute s1/${queryMark(request(name))}: SELECT count(*) FROM newborns`, at);
const entry = (name: string, at = 0, outcome: UsageEntry["outcome"] = "Permitted"): UsageEntry =>
  ({ request: request(name), time: new Date(noon + at * 1_000).toISOString(), outcome }) as UsageEntry;

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const judged = (
  records: readonly LogRecord[],
  entries: readonly UsageEntry[],
  leftOut: readonly string[] = [],
): Promise<Reconciled> =>
  reconcile(each(records), each(entries), {
    names,
    login: "reader",
    leftOut: new Set(leftOut),
    database: "hospital",
    withText: false,
  });
const oddities = async (...given: Parameters<typeof judged>): Promise<string[]> =>
  (await judged(...given)).unaccounted.map(({ oddity }) => oddity);

const quiet = [record("connection authorized", -600), record("disconnection", 600)];

describe("statements and entries", () => {
  it("account for each other one by one", async () => {
    expect(await judged([...quiet, ran("a"), ran("b", 5)], [entry("a"), entry("b", 6)])).toMatchObject({
      records: 4,
      statements: 2,
      accounted: 2,
      unaccounted: [],
    });
  });

  it("theSwitchedOffLog: data that left without a statement means that the log is not whole", async () => {
    expect(await oddities([...quiet, ran("a")], [entry("a"), entry("b")])).toEqual(["StatementMissing"]);
    expect(await oddities([...quiet], [entry("b", 0, "Denied"), entry("c", 0, "Failed")])).toEqual([]);
    // the log does not reach so far
    expect(await oddities([...quiet], [entry("b", 599), entry("c", 3_600)])).toEqual([]);
  });

  it("a mark counts once, near its entry's time, and for the gateway's login alone", async () => {
    expect(await oddities([ran("a"), ran("a", 1)], [entry("a")])).toEqual(["MarkRepeated"]);
    expect(await oddities([ran("a", 3_600)], [entry("a")])).toEqual(["MarkUnknown"]);
    expect(await oddities([{ ...ran("a"), user: "dba" }], [entry("a")])).toEqual(["Bypassed"]);
    expect(await oddities([{ ...ran("a"), user: undefined }], [entry("a")])).toEqual(["UnknownSession"]);
  });

  it("a cursor that goes on is no second execution", async () => {
    const mark = queryMark(request("a"));
    const first = record(`execute <unnamed>/C_1: /* ${mark} */ SELECT * FROM newborns`);
    const next = record(`execute fetch from <unnamed>/C_1: /* ${mark} */ SELECT * FROM newborns`, 1);
    expect(await oddities([first, next, next], [entry("a")])).toEqual([]);
  });

  it("of other databases and of care are left out", async () => {
    const bypass = record("statement: SELECT * FROM newborns", 0, { user: "his" });
    expect(await oddities([bypass], [])).toEqual(["Bypassed"]);
    expect(await judged([bypass], [], ["his"])).toMatchObject({ leftOut: 1, unaccounted: [] });
    expect(await oddities([{ ...bypass, database: "other" }], [])).toEqual([]);
  });
});

describe("what pgaudit tells", () => {
  const audit = (session: string, id: number, at = 0, user = "reader"): LogRecord =>
    record(
      `AUDIT: SESSION,${id},1,READ,SELECT,TABLE,data_x.newborns,"SELECT count(*) FROM newborns",<not logged>`,
      at,
      { session, user },
    );

  it("is the same statement again if the log tells of it too", async () => {
    expect(await oddities([ran("a"), audit("1.1", 1)], [entry("a")])).toEqual([]);
  });

  it("alone is matched by login and time, one execution an entry", async () => {
    expect(await oddities([audit("1.1", 1), audit("1.1", 1), audit("1.1", 2, 1)], [entry("a"), entry("b", 2)])).toEqual(
      [],
    );
    expect(await oddities([audit("1.1", 1), audit("1.1", 2, 1)], [entry("a")])).toEqual(["MarkMissing"]);
    expect(await oddities([audit("1.1", 1, 3_600)], [entry("a")])).toEqual(["MarkMissing"]);
    expect(await oddities([audit("1.1", 1, 0, "dba")], [entry("a")])).toEqual(["Bypassed"]);
  });

  it("names the relation even where the statement does not", () => {
    const told = statementOf(
      record('AUDIT: OBJECT,3,1,READ,SELECT,VIEW,data_x.newborns,"SELECT * FROM a ""b"",c",<none>'),
    );
    expect(told?.text).toBe('SELECT * FROM a "b",c\ndata_x.newborns');
    expect(mentions(told?.text ?? "", names)).toEqual(["data_x.newborns"]);
  });
});

describe("a record", () => {
  it.each([
    ["statement: SELECT 1", "SELECT 1"],
    ["duration: 0.123 ms  statement: SELECT 1", "SELECT 1"],
    ["execute <unnamed>: SELECT 1", "SELECT 1"],
    ["execute a/b: SELECT\n1", "SELECT\n1"],
    ["duration: 1.5 ms  execute a: SELECT 1", "SELECT 1"],
    ["duration: 1.5 ms  bind a: SELECT 1", undefined],
    ["duration: 1.5 ms  parse a: SELECT 1", undefined],
    ["duration: 1.5 ms", undefined],
    ["connection received: host=[local]", undefined],
  ])("%j tells of %j", (message, text) => {
    expect(statementOf(record(message))?.text).toBe(text);
  });

  it("of EXECUTE tells the text that was prepared", () => {
    const told = statementOf(
      record("statement: EXECUTE p", 0, { detail: "prepare: PREPARE p AS SELECT * FROM newborns" }),
    );
    expect(mentions(told?.text ?? "", names)).toEqual(["data_x.newborns"]);
  });
});

describe("a mention", () => {
  it.each([
    "SELECT * FROM newborns",
    'SELECT * FROM data_x."newborns"',
    "select*from NEWBORNS",
    "DO $$ BEGIN PERFORM * FROM newborns; END $$",
    "SELECT query_to_xml('SELECT * FROM newborns', true, true, '')",
    "TABLE newborns",
    "COPY (SELECT 1 FROM newborns) TO STDOUT",
    // another relation than ours, if there is one: better told than missed
    'SELECT * FROM "NEWBORNS"',
  ])("is seen in %s", (text) => {
    expect(mentions(text, names)).toEqual(["data_x.newborns"]);
  });

  it.each(["SELECT * FROM newborns2", "SELECT newborns_count", "SELECT 1"])("is not seen in %s", (text) => {
    expect(mentions(text, names)).toEqual([]);
  });
});

describe("a log file", () => {
  const folder = mkdtempSync(join(tmpdir(), "datapact-log-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = async (name: string, text: string, prefix = "%m [%p] %q%u@%d/%a "): Promise<LogRecord[]> => {
    writeFileSync(join(folder, name), text);
    const form = name.endsWith("csv") ? "csv" : name.endsWith("json") ? "json" : "stderr";
    const found: LogRecord[] = [];
    for await (const one of readLog(join(folder, name), form, prefix)) found.push(one);
    return found;
  };

  it("in stderr's form has statements of many lines, details, and lines of others", async () => {
    const text = [
      "2026-11-22 12:00:00.123 UTC [77] dba@hospital/psql LOG:  statement: SELECT *",
      "\tFROM newborns",
      "2026-11-22 12:00:00.200 UTC [77] dba@hospital/psql LOG:  statement: EXECUTE p",
      "2026-11-22 12:00:00.200 UTC [77] dba@hospital/psql DETAIL:  prepare: PREPARE p AS",
      "\tSELECT * FROM newborns",
      "some library writes here",
      "2026-11-22 12:00:01.000 UTC [1] LOG:  checkpoint starting: time",
      "",
    ].join("\n");
    expect(await read("a.log", text)).toMatchObject([
      {
        time: noon + 123,
        user: "dba",
        database: "hospital",
        application: "psql",
        session: "77",
        message: "statement: SELECT *\nFROM newborns",
      },
      { message: "statement: EXECUTE p", detail: "\nprepare: PREPARE p AS\nSELECT * FROM newborns" },
      { user: undefined, message: "checkpoint starting: time" },
    ]);
  });

  it("reads other prefixes, and refuses one that tells no time or an escape that is none", async () => {
    const [first] = await read(
      "b.log",
      "1795348800.500 6923.1a u=dba,db=h,app=x y LOG:  statement: SELECT 1\n",
      "%n %c u=%u,db=%d,app=%a ",
    );
    expect(first).toMatchObject({
      time: 1_795_348_800_500,
      session: "6923.1a",
      user: "dba",
      database: "h",
      application: "x y",
    });
    await expect(read("c.log", "x", "%u ")).rejects.toThrow(LogUnreadable);
    await expect(read("c.log", "x", "%m %Z ")).rejects.toThrow("%Z");
  });

  it("that is cut off or none is refused", async () => {
    await expect(read("d.json", '{"timestamp":"2026-11-22 12:00:00.000 UTC","mess')).rejects.toThrow("line 1");
    await expect(read("e.csv", "a,b,c\n")).rejects.toThrow("no csvlog");
    await expect(read("f.csv", '"a\n')).rejects.toThrow("no csvlog");
  });

  it("has times of one meaning: UTC or an offset", () => {
    expect(readLogTime("2026-11-22 12:00:00.000 UTC")).toBe(noon);
    expect(readLogTime("2026-11-22 20:00:00.000 +08")).toBe(noon);
    expect(() => readLogTime("2026-11-22 20:00:00.000 CST")).toThrow("log_timezone");
    expect(() => readLogTime("yesterday")).toThrow(LogUnreadable);
  });
});
