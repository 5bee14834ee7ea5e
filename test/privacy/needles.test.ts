import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { keccak256 } from "ethers";
import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayConfig } from "../../scripts/space/foundSpace.ts";
import { type Client, createClient } from "../../server/api/client.ts";
import { signIn } from "../../server/client/signIn.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { type Gateway, startGateway } from "../../server/gateway/startGateway.ts";
import { baseSchema } from "../../server/intake/names.ts";
import { makeFolder } from "../support/folder.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";

const patients = 5_000;
const first = 7_310_000_000;
/** Numbers that stand nowhere by chance. */
const ids = Array.from({ length: patients }, (_, i) => String(first + i));
/** What consumers write into their statements, and patients' numbers among the data. */
const needles = Array.from(
  { length: 100 },
  (_, i) => `needle-${createHash("sha256").update(String(i)).digest("hex").slice(0, 12)}`,
);

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
let other: AgreementId;
let log = "";
const answers: string[] = [];
const released: string[][] = [];

async function query<T extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<T>(sql, values);
  await client.end();
  return rows;
}

async function addPatients(): Promise<void> {
  const table = `"${baseSchema(space.dataset.name)}".newborns`;
  const url = space.engines.hospitalAdminUrl;
  const columns = await query<{ name: string }>(
    url,
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    [table],
  );
  const values = columns.map(({ name }) => (name === "patient_id" ? `${first} + n` : `o."${name}"`));
  await query(
    url,
    `INSERT INTO ${table} SELECT ${values.join(", ")} FROM generate_series(0, ${patients - 1}) AS n
     CROSS JOIN (SELECT * FROM ${table} WHERE gestational_age_weeks >= 35 ORDER BY patient_id LIMIT 1) AS o`,
  );
}

/** A full run: aggregates, rows, refusals and failures, statements that name patients, and everything that reads the trail. */
beforeAll(async () => {
  // results of other tests come and go beside ours otherwise
  process.env.TMPDIR = makeFolder("temporary");
  space = await startTestSpace();
  await addPatients();
  const config = gatewayConfig(space.home, space.engines, "gateway", {
    DATAPACT_PORT: "0",
    DATAPACT_METRICS_PORT: "0",
    DATAPACT_ANCHOR_INTERVAL_MS: "50",
    DATAPACT_REQUESTS_PER_SECOND: "100000",
  });
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += chunk.toString();
      done();
    },
  });
  gateway = await startGateway(config, pino({ level: "trace" }, stream));
  agreement = await space.conclude({ disclosure: "Deidentified", maxRows: 100_000n });
  other = await space.conclude({ disclosure: "Deidentified", maxRows: 100_000n });
  const statement = "SELECT patient_id, sex FROM newborns";
  for (const id of [agreement, other]) {
    const answer = await ask(space, gateway, id, { statement });
    if (!("result" in answer)) throw new Error(answer.code);
    released.push(answer.result.rows.map(([pseudonym]) => String(pseudonym)));
  }
  for (const needle of needles)
    answers.push(
      JSON.stringify(
        await ask(space, gateway, agreement, {
          statement: `SELECT '${needle}', ${ids[0]} FROM secrets_of_${needle.replace("-", "_")}`,
        }),
      ),
    );
  answers.push(
    JSON.stringify(
      await ask(space, gateway, agreement, { statement: "SELECT sex, count(*) FROM newborns GROUP BY sex" }),
    ),
  );
  const { manifest } = space.founded.space;
  const clients = await Promise.all(
    ["commission", "device-maker"].map((key) => signIn(gateway.url, space.founded.wallet(key), manifest.chainId)),
  );
  for (const client of clients) {
    answers.push(JSON.stringify(await client.entries({ limit: "200" })));
    for (const format of ["fhir", "csv", "json"] as const)
      answers.push(await (await client.exportEntries({ format })).text());
  }
  await anchored(clients[0] as Client);
});
afterAll(async () => {
  await gateway?.stop();
  await space.stop();
});

async function anchored(client: Client): Promise<void> {
  for (;;) {
    const { appended, anchored: head } = await client.log();
    if (head?.size === appended) return;
    await sleep(100);
  }
}

/** All that the chain holds, as lower-case hex: calldata, logs, and its whole state, code and storage. */
async function chainText(): Promise<string> {
  const { send } = space.founded.space;
  const head = Number(await send("eth_blockNumber", []));
  const parts: string[] = [];
  for (let number = 0; number <= head; number += 1)
    parts.push(JSON.stringify(await send("eth_getBlockByNumber", [`0x${number.toString(16)}`, true])));
  parts.push(JSON.stringify(await send("eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest" }])));
  parts.push(await readState());
  return parts.join("\n").toLowerCase();
}

/** The whole storage. Hardhat's node shows it nowhere; the contracts there are the same. */
async function readState(): Promise<string> {
  if (process.env.DATAPACT_TEST_CHAIN === "hardhat") return "";
  const { gunzipSync } = await import("node:zlib");
  const dump = String(await space.founded.space.send("anvil_dumpState", []));
  const bytes = Buffer.from(dump.slice(2), "hex");
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
}

/** What a patient's number becomes when somebody hashes it, or writes it as a word of the chain. */
function tracesOf(id: string): string[] {
  const text = Buffer.from(id);
  return [
    text.toString("hex"),
    BigInt(id).toString(16).padStart(64, "0"),
    keccak256(text).slice(2),
    keccak256(`0x${BigInt(id).toString(16).padStart(64, "0")}`).slice(2),
    ...["sha256", "sm3", "sha512", "md5"].map((name) => createHash(name).update(text).digest("hex")),
  ];
}

/** Whether one of many equally long pieces stands in a text, in one pass for each length. */
function found(text: string, pieces: readonly string[]): string[] {
  const byLength = Map.groupBy(pieces, ({ length }) => length);
  const hits: string[] = [];
  for (const [length, all] of byLength) {
    const heads = new Set(all.map((piece) => piece.slice(0, 8)));
    const wanted = new Set(all);
    for (let at = 0; at + length <= text.length; at += 1)
      if (heads.has(text.slice(at, at + 8)) && wanted.has(text.slice(at, at + length)))
        hits.push(text.slice(at, at + length));
  }
  return hits;
}

describe("after a full run with 5,000 patients", () => {
  it("calldata, logs and storage hold no patient's number, nor its keccak, SHA-256 or SM3", async () => {
    const text = await chainText();
    expect(text.length).toBeGreaterThan(100_000);
    expect(found(text, ids.flatMap(tracesOf))).toEqual([]);
    expect(
      found(
        text,
        needles.map((needle) => Buffer.from(needle).toString("hex")),
      ),
    ).toEqual([]);
    // the scan sees what is there: the purpose of the agreements stands in their terms
    expect(found(text, [Buffer.from("DUO:0000007").toString("hex")]).length).toBeGreaterThan(0);
  });

  it("what left bears pseudonyms alone, and the same patient has another under each agreement", () => {
    const [one, two] = released as [string[], string[]];
    expect(one.length).toBeGreaterThan(patients);
    const others = new Set([...two, ...ids]);
    expect(one.filter((pseudonym) => others.has(pseudonym))).toEqual([]);
    expect(found(one.join("\n"), ids.flatMap(tracesOf))).toEqual([]);
  });

  it("the gateway's log, its store but for the requests themselves, its metrics, its answers and its files hold no needle", async () => {
    const url = space.engines.storeUrl;
    const tables = await query<{ name: string }>(
      url,
      "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema = 'datapact'",
    );
    expect(tables.length).toBeGreaterThan(10);
    const stored: string[] = [];
    for (const { name } of tables)
      for (const { row } of await query<{ row: string }>(
        url,
        `SELECT (to_jsonb(t) - 'evidence')::text AS row FROM ${name} t`,
      ))
        stored.push(row);
    const metrics = await (await fetch(gateway.metricsUrl ?? "")).text();
    const files = readdirSync(tmpdir()).filter((file) => file.startsWith("datapact-result-"));
    const temporary = files.map((file) => readFileSync(join(tmpdir(), file), "latin1"));
    const cores = needles.map((needle) => needle.slice("needle-".length));
    const places = {
      log,
      stored: stored.join("\n"),
      metrics,
      answers: answers.join("\n"),
      temporary: temporary.join("\n"),
    };
    for (const [place, text] of Object.entries(places)) {
      // a refusal tells its own consumer which part of its own statement it means
      expect(found(text, place === "answers" ? needles : cores), place).toEqual([]);
      expect(found(text, ids.slice(0, 1)), place).toEqual([]);
    }
    expect(log.length).toBeGreaterThan(100);
    // the scan sees what is there: the requests are kept, for the hospital alone
    const kept = await query<{ evidence: string }>(url, "SELECT evidence FROM datapact.entry");
    expect(found(kept.map(({ evidence }) => evidence).join("\n"), needles).length).toBeGreaterThanOrEqual(100);
  });

  it("the gateway's problems name nothing that was asked", async () => {
    const bad = [
      `/v1/agreements/${needles[0]}`,
      `/v1/entries?text=${needles[0]}`,
      `/${needles[0]}`,
      `/v1/log/entries/${needles[0]}/proof`,
    ];
    for (const path of bad) expect(await (await fetch(gateway.url + path)).text(), path).not.toContain(needles[0]);
    await expect(createClient(gateway.url).recorded({ digest: needles[0] as never })).rejects.not.toThrow(needles[0]);
    expect(log).not.toContain(needles[0]);
  });
});
