import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../server/api/client.ts";
import type { EntryItem } from "../../server/api/entries.ts";
import { signIn } from "../../server/client/signIn.ts";
import { canonicalBytes, entryDigest } from "../../server/domain/entry.ts";
import { sha256, toHex } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { trailActs } from "../../server/domain/trailAct.ts";
import { auditEvents } from "../../server/export/auditEvent.ts";
import { writeCell } from "../../server/export/csv.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { type AuditEvent, balpProblems } from "../support/balp.ts";
import { createDatapact } from "../support/cli.ts";
import { createFhirCheck } from "../support/fhir.ts";
import { ask, insurersPurpose, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
let regulator: Client;
let insurer: Client;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
  while (
    (
      await createClient(gateway.url)
        .agreements()
        .catch(() => undefined)
    )?.items.length !== 1
  )
    await sleep(50);
  for (let i = 0; i < 3; i += 1) await ask(space, gateway, agreement);
  await ask(space, gateway, agreement, { purpose: insurersPurpose });
  await ask(space, gateway, agreement, { purpose: '=HYPERLINK("http://evil.example")' });
  await ask(space, gateway, agreement, { key: "deployer", purpose: "no vocabulary" });
  await ask(space, gateway, agreement, { statement: "SELECT * FROM secrets" });
  const { manifest } = space.founded.space;
  regulator = await signIn(gateway.url, space.founded.wallet("commission"), manifest.chainId);
  insurer = await signIn(gateway.url, space.founded.wallet("insurer"), manifest.chainId);
  await regulator.entries();
});
afterAll(() => space.stop());

const fhir = async (asked: object = {}, client = regulator): Promise<AuditEvent[]> => {
  const response = await client.exportEntries({ format: "fhir", ...asked } as never);
  expect(response.headers.get("content-type")).toBe("application/fhir+ndjson");
  const text = await response.text();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditEvent);
};

const csv = async (asked: object = {}, client = regulator): Promise<Record<string, string>[]> => {
  const response = await client.exportEntries({ format: "csv", ...asked } as never);
  // text() would take the byte order mark away
  const text = Buffer.from(await response.arrayBuffer()).toString();
  expect(text.startsWith('\ufeff"index"')).toBe(true);
  return parse(text, { bom: true, columns: true });
};

describe("an export as FHIR AuditEvents", () => {
  it("passes three validators, each of them, and the rules of the BALP profile that it claims", async () => {
    const check = createFhirCheck();
    const events = await fhir();
    expect(events.length).toBeGreaterThan(10);
    for (const event of events) {
      expect(check(event as never), JSON.stringify(event)).toEqual([]);
      const problems = balpProblems(event);
      if (event.meta === undefined) expect(event.type).toMatchObject({ code: "110101" });
      else expect(problems, JSON.stringify(event)).toEqual([]);
    }
  });

  it.each(trailActs)("tells of the act %s in a shape that the three validators accept", async (act) => {
    const [item] = (await regulator.entries({ kind: "Trail" })).items as [EntryItem];
    const { chainId, contracts } = space.founded.space.manifest;
    const place = {
      chainId,
      participantRegistry: contracts.ParticipantRegistry.address,
      agreementRegistry: contracts.AgreementRegistry.address,
      accessLog: contracts.AccessLog.address,
      gateway: gateway.id,
      hospital: space.founded.id("hospital"),
      origin: gateway.url,
    };
    const entry = { ...item.entry, act } as EntryItem["entry"];
    const [event] = auditEvents({ ...item, entry }, entryDigest(entry), place) as unknown as [AuditEvent];
    expect(createFhirCheck()(event as never)).toEqual([]);
    expect(event).toMatchObject(
      act === "Configured"
        ? { type: { code: "110113" }, subtype: [{ code: "110131" }], action: "E" }
        : { type: { code: "110101" }, action: act === "Found" ? "C" : "R" },
    );
  });

  it("has a decision for every use, permit and deny, and a query for every permitted one", async () => {
    const events = await fhir({ kind: "Usage" });
    const decisions = events.filter(({ type }) => (type as { code: string }).code === "110113");
    const queries = events.filter(({ type }) => (type as { code: string }).code === "rest");
    expect([decisions.length, queries.length]).toEqual([7, 3]);
    expect(decisions.map(({ outcome }) => outcome).toSorted()).toEqual(["0", "0", "0", "4", "4", "4", "4"]);
    const mismatch = decisions.find(({ outcomeDesc }) => outcomeDesc?.startsWith("PurposeMismatch"));
    expect(mismatch?.purposeOfEvent).toEqual([{ text: '=HYPERLINK("http://evil.example")' }]);
  });

  it("bears the digest under which each entry stands in the log, and no text of a statement", async () => {
    const events = await fhir({ kind: "Usage" });
    const { items } = await regulator.entries({ kind: "Usage" });
    for (const { entry, index } of items) {
      const mine = events.filter((event) => (event as unknown as { id: string }).id.includes(`-${index}-`));
      expect(JSON.stringify(mine)).toContain(entryDigest(entry));
    }
    expect(JSON.stringify(events)).not.toContain("secrets");
  });

  it("is caught by the validators and the rules when one thing is wrong", async () => {
    const check = createFhirCheck();
    const events = await fhir({ kind: "Usage", outcome: "Permitted" });
    const [decision, query] = events as [AuditEvent, AuditEvent];
    const { recorded: _, ...timeless } = decision;
    expect(check(timeless)).not.toEqual([]);
    expect(check({ ...decision, colour: "red" } as never)).not.toEqual([]);
    expect(check({ ...decision, recorded: "yesterday" } as never)).not.toEqual([]);
    expect(balpProblems({ ...decision, agent: decision.agent.slice(1) })).not.toEqual([]);
    expect(balpProblems({ ...decision, entity: decision.entity?.slice(1) ?? [] })).not.toEqual([]);
    expect(balpProblems({ ...query, outcome: "4" })).not.toEqual([]);
    expect(balpProblems({ ...query, entity: [] })).not.toEqual([]);
  });
});

describe("an export as CSV", () => {
  it("has a line for every entry, and in it what the entry has", async () => {
    const rows = await csv({ kind: "Usage" });
    const { items } = await regulator.entries({ kind: "Usage" });
    expect(rows.map(({ index }) => Number(index))).toEqual(items.map(({ index }) => index));
    expect(rows.map(({ digest }) => digest)).toEqual(items.map(({ entry }) => entryDigest(entry)));
    expect(rows.at(-1)).toMatchObject({
      kind: "Usage",
      outcome: "Permitted",
      participant_name: "Demo Bilirubin Meter Maker",
    });
  });

  it("formulaInjection: no cell is a formula, whatever a participant wrote", async () => {
    const rows = await csv({ reason: "PurposeMismatch" });
    expect(rows.map(({ purpose }) => purpose)).toContain(`'=HYPERLINK("http://evil.example")`);
    for (const attack of [
      "=1+1",
      "+1",
      "-1",
      "@SUM(A1)",
      "\t=1",
      "\r=1",
      "\n=1",
      " =1",
      "\u00a0=1",
      "\u200b=1",
      "＝1",
      "＋1",
      "－1",
      "＠1",
      "|x",
      "%x",
    ])
      expect(writeCell(attack), JSON.stringify(attack)).toBe(`"'${attack}"`);
    expect(writeCell('a"b,c\nd')).toBe('"a""b,c\nd"');
    expect(writeCell("医院")).toBe('"医院"');
    expect(writeCell(-1)).toBe('"-1"');
    const [row] = parse(writeCell('=cmd|"/c calc"!A0;\r\n,x')) as string[][];
    expect(row?.[0]?.startsWith("'")).toBe(true);
  });
});

describe("taking entries out", () => {
  it("is an entry itself, with how many, before the first byte; and gives each what concerns it", async () => {
    const { appended } = await regulator.log();
    const response = await regulator.exportEntries({ format: "csv", kind: "Usage" });
    expect(response.headers.get("x-reading")).toBe(String(appended));
    expect(response.headers.get("x-entries")).toBe("7");
    await response.arrayBuffer();
    const { item } = await regulator.entry({ index: String(appended) });
    expect(item.entry).toMatchObject({
      act: "Exported",
      entries: 7,
      actor: space.founded.id("commission"),
      subject: toHex(sha256(canonicalBytes({ format: "csv", filter: { kind: "Usage" } }))),
    });
    expect((await csv({ kind: "Usage" }, insurer)).length).toBe(0);
    const anonymous = createClient(gateway.url).exportEntries({ format: "csv" });
    await expect(anonymous).rejects.toMatchObject({ status: 401, code: "SessionMissing" });
  });

  it("gives every entry once, however many parts it takes, and none that came after it began", async () => {
    const many = Array.from({ length: 1_100 }, () => ask(space, gateway, agreement, { purpose: insurersPurpose }));
    await Promise.all(many);
    const rows = await csv({ reason: "PurposeMismatch", purpose: insurersPurpose });
    expect(rows.length).toBe(1_101);
    expect(new Set(rows.map(({ index }) => index)).size).toBe(1_101);
  });

  it("manyExports: a participant takes out two at once, and a third is refused and not recorded", async () => {
    const client = new pg.Client({ connectionString: space.engines.storeUrl });
    await client.connect();
    const { appended } = await regulator.log();
    // what is to be recorded waits, so none of them ends
    await client.query("BEGIN; LOCK TABLE datapact.entry IN EXCLUSIVE MODE");
    const asked = [regulator, regulator, regulator, insurer].map((who) =>
      who.exportEntries({ format: "csv", kind: "Usage" }).then(async (response) => {
        await response.arrayBuffer();
        return "taken out";
      }),
    );
    const refused = await Promise.race(asked).catch((error: unknown) => error);
    await client.query("ROLLBACK");
    await client.end();
    expect(refused).toMatchObject({ status: 429, code: "TooManyRequests" });
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === "fulfilled").length).toBe(3);
    expect(settled.at(-1)?.status).toBe("fulfilled");
    expect((await regulator.log()).appended).toBe(appended + 3);
    expect((await csv({ kind: "Usage", outcome: "Permitted" })).length).toBe(3);
  });

  it("stops with a reader who goes away, and the next is served", async () => {
    const response = await regulator.exportEntries({ format: "fhir" });
    await response.body?.cancel();
    expect((await csv({ kind: "Usage", outcome: "Permitted" })).length).toBe(3);
  });
});

describe("datapact export", () => {
  it("signs in, writes the file, and never over another", async () => {
    const datapact = createDatapact(space, gateway);
    const file = join(space.home.folder, "out.ndjson");
    const done = await datapact(
      "export",
      "--as",
      "commission",
      "--format",
      "fhir",
      "--kind",
      "Usage",
      "--outcome",
      "Permitted",
      "--out",
      file,
    );
    expect(done, done.error).toMatchObject({ code: 0 });
    expect(done.out).toMatch(/^3 entries are in .*out\.ndjson\. Entry \d+ records that you took them\.$/m);
    expect(readFileSync(file, "utf8").trim().split("\n").length).toBe(6);
    const again = await datapact("export", "--as", "commission", "--out", file);
    expect(again.code).toBe(2);
    expect(again.error).toContain("exists already");
    const nobody = await datapact("export", "--as", "deployer", "--out", join(space.home.folder, "none.csv"));
    expect(nobody.code).toBe(2);
    expect(nobody.error).toContain("acts for no active participant");
  });
});
