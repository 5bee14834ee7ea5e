import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { createPool } from "../../server/store/database.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { SignedRequest } from "../../server/domain/usageRequest.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { faults, type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { ask, sign, startTestSpace, type TestSpace, withoutRounds } from "../support/space.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

let space: TestSpace;
let node: RpcProxy;
let store: TcpProxy;
let hospital: TcpProxy;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  store = await startTcpProxy(space.engines.storeUrl);
  hospital = await startTcpProxy(space.engines.hospitalUrl);
  gateway = await space.startGateway(withoutRounds, {
    chainUrl: node.url,
    storeUrl: store.url,
    hospitalUrl: hospital.url,
  });
  agreement = await space.conclude();
});
afterEach(() => {
  node.misbehave(undefined);
  store.setDown(false);
  hospital.setDown(false);
});
afterAll(async () => {
  await Promise.all([node.stop(), store.stop(), hospital.stop()]);
  await space.stop();
});

type Answer = { readonly status: number; readonly type: string; readonly headers: Headers; readonly bytes: Buffer };

async function post(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/v1/usage`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    headers: response.headers,
    bytes,
  };
}

const get = async (path: string): Promise<Answer> => {
  const response = await fetch(`${gateway.url}${path}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    headers: response.headers,
    bytes,
  };
};

const json = ({ bytes }: Answer) => JSON.parse(bytes.toString());
const appended = async (): Promise<number> => json(await get("/v1/log")).appended;
const signed = (statement?: string): SignedRequest =>
  sign(space, gateway, agreement, statement === undefined ? {} : { statement });

/** What every refusal must be that no entry records. */
function expectProblem(answer: Answer, status: number | readonly number[]): void {
  expect([status].flat()).toContain(answer.status);
  expect(answer.type).toContain("application/problem+json");
  const problem = json(answer);
  expect(problem).toMatchObject({ type: "about:blank", status: answer.status, code: expect.any(String) });
  expect(`${problem.title} ${problem.detail ?? ""}`.length).toBeGreaterThan(20);
  expect(answer.bytes.toString()).not.toMatch(/node_modules|\.ts:|\bat (Object|async|process)|Error:|SyntaxError/);
  expect(problem).not.toHaveProperty("entry");
  expect(problem).not.toHaveProperty("result");
}

async function expectRefused(body: string | Buffer, status: number | readonly number[], headers = {}): Promise<Answer> {
  const before = await appended();
  const answer = await post(body, headers);
  expectProblem(answer, status);
  expect(await appended()).toBe(before);
  return answer;
}

/** Milliseconds for which this process, which is the gateway's too, was at work: however busy the machine is otherwise. */
const workedSince = (started: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
};

/** The JSON of a good request in which one text is replaced by another. */
const spoiled = (from: string | RegExp, to: string): string => {
  const text = JSON.stringify(signed());
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
};

describe("a body that is not what was asked for gets 4xx, says what to do, and leaves no entry", () => {
  it("while a good one is answered", async () => {
    expect((await post(JSON.stringify(signed()))).status).toBe(200);
    expect((await post(JSON.stringify(signed()), { "content-type": "application/json; charset=utf-8" })).status).toBe(
      200,
    );
    expect((await post(JSON.stringify(signed(), null, 2))).status).toBe(200);
  });

  it.each([
    ["nothing", ""],
    ["half", '{"request":'],
    ["a number", "5"],
    ["null", "null"],
    ["a list", "[]"],
    ["text", '"request"'],
    ["no JSON", "request=1"],
    ["single quotes", "{'request':1}"],
    ["a trailing comma", '{"request":{},}'],
    ["a comment", '{/* */"request":{}}'],
    ["two values", "{}{}"],
    ["NaN", '{"request":NaN}'],
    ["an empty object", "{}"],
  ])("%s", async (_name, body) => {
    await expectRefused(body, 400);
  });

  it.each([
    ["a member that is not signed, outside", (text: string) => text.replace("{", '{"note":1,')],
    ["a member that is not signed, inside", (text: string) => text.replace('"request":{', '"request":{"limit":1,')],
    ["__proto__ outside", (text: string) => text.replace("{", '{"__proto__":{"request":{}},')],
    ["__proto__ inside", (text: string) => text.replace('"request":{', '"request":{"__proto__":{"x":1},')],
    ["__proto__ as null", (text: string) => text.replace('"request":{', '"request":{"__proto__":null,')],
    ["constructor", (text: string) => text.replace("{", '{"constructor":{"prototype":{}},')],
    ["an escaped __proto__", (text: string) => text.replace("{", '{"\\u005f_proto__":{},')],
    ["a member twice, the same", (text: string) => text.replace(/("purpose":"[^"]*")/, "$1,$1")],
    ["a member twice, the good one last", (text: string) => text.replace('"purpose"', '"purpose":"x","purpose"')],
    ["a member twice, the good one first", (text: string) => text.replace(/("purpose":"[^"]*")/, '$1,"purpose":"x"')],
    ["a member twice, once escaped", (text: string) => text.replace('"purpose"', '"p\\u0075rpose":"x","purpose"')],
    ["request twice", (text: string) => text.replace("{", '{"request":{},')],
    ["signature twice", (text: string) => text.replace(/("signature":"[^"]*")/, "$1,$1")],
    ["a member missing", (text: string) => text.replace(/"nonce":"[^"]*"/, '"nonc":"0x"')],
  ])("%s", async (_name, spoil) => {
    const text = JSON.stringify(signed());
    expect(spoil(text)).not.toBe(text);
    await expectRefused(spoil(text), 400);
  });

  it.each([
    "9007199254740993",
    "1e400",
    "-1e400",
    "-1",
    "0.5",
    "281474976710656",
    '"1790000000"',
    "null",
    "true",
    "[1]",
    "{}",
  ])("issuedAt %s", async (value) => {
    await expectRefused(spoiled(/"issuedAt":\d+/, `"issuedAt":${value}`), 400);
  });

  it.each([
    ["upper-case hex in an id", /"agreement":"0x\w+"/, `"agreement":"0x${"AB".repeat(32)}"`],
    ["an upper-case prefix", /"nonce":"0x/, '"nonce":"0X'],
    ["31 bytes", /"nonce":"0x\w\w/, '"nonce":"0x'],
    ["33 bytes", /"nonce":"0x/, '"nonce":"0x00'],
    ["no prefix", /"nonce":"0x/, '"nonce":"'],
    ["an upper-case signature", /"signature":"0x\w+"/, `"signature":"0x${"AB".repeat(65)}"`],
    ["a signature of 64 bytes", /"signature":"0x\w\w/, '"signature":"0x'],
    ["a signature out of range", /"signature":"0x\w+"/, `"signature":"0x${"ff".repeat(64)}1b"`],
    ["v 0", /\w\w"}$/, '00"}'],
    ["a signature of zeros", /"signature":"0x\w+"/, `"signature":"0x${"00".repeat(64)}1b"`],
    ["an empty purpose", /"purpose":"[^"]*"/, '"purpose":""'],
    ["a long purpose", /"purpose":"[^"]*"/, `"purpose":"${"x".repeat(65)}"`],
    ["an empty statement", /"statement":"[^"]*"/, '"statement":""'],
    ["a long statement", /"statement":"[^"]*"/, `"statement":"${"x".repeat(8_193)}"`],
    ["an escaped NUL", /"statement":"/, '"statement":"\\u0000'],
    ["a raw NUL", /"statement":"/, '"statement":"\0'],
    ["a lone surrogate", /"statement":"/, '"statement":"\\ud800'],
    ["a statement that is no text", /"statement":"[^"]*"/, '"statement":["SELECT 1"]'],
  ] as const)("%s", async (_name, from, to) => {
    await expectRefused(spoiled(from, to), 400);
  });

  it("bad UTF-8, wherever it stands", async () => {
    const [before, after] = JSON.stringify(signed("SELECT '@' FROM newborns")).split("@");
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8], [0xf5, 0x80, 0x80, 0x80]]) {
      const body = Buffer.concat([Buffer.from(before ?? ""), Buffer.from(bad), Buffer.from(after ?? "")]);
      await expectRefused(body, 400);
    }
  });

  it("other encodings of text", async () => {
    await expectRefused(Buffer.from(JSON.stringify(signed()), "utf16le"), [400, 415], {
      "content-type": "application/json; charset=utf-16le",
    });
    await expectRefused(Buffer.from(JSON.stringify(signed()), "latin1"), [400, 415], {
      "content-type": "application/json; charset=iso-8859-1",
    });
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""])(
    "content type %j, with the one to send",
    async (type) => {
      const answer = await expectRefused(JSON.stringify(signed()), 415, { "content-type": type });
      expect(answer.bytes.toString()).toContain("application/json");
    },
  );

  it("a body of 10 MB, quickly", async () => {
    const started = process.cpuUsage();
    await expectRefused(`{"request":"${"x".repeat(10_000_000)}"}`, 413);
    expect(workedSince(started)).toBeLessThan(2_000);
  });

  it("a body of 10 MB that was packed into a few KB", async () => {
    const bomb = gzipSync(JSON.stringify({ ...signed(), note: " ".repeat(10_000_000) }));
    await expectRefused(bomb, [413, 415], { "content-encoding": "gzip" });
    await expectRefused(gzipSync("{"), [400, 415], { "content-encoding": "gzip" });
    await expectRefused("not packed", [400, 415], { "content-encoding": "gzip" });
    await expectRefused("{}", 415, { "content-encoding": "rot13" });
  });

  it.each([
    ["lists", "[".repeat(30_000), "]".repeat(30_000)],
    ["objects", '{"a":'.repeat(10_000), `1${"}".repeat(10_000)}`],
    ["lists inside the request", `{"request":${"[".repeat(30_000)}`, `${"]".repeat(30_000)}}`],
    ["lists as the statement", `{"request":{"statement":${"[".repeat(30_000)}`, `${"]".repeat(30_000)}}}`],
  ])("deep %s", async (_name, open, close) => {
    const started = process.cpuUsage();
    await expectRefused(open + close, 400);
    expect(workedSince(started)).toBeLessThan(1_000);
  });

  it("fewer or more bytes than were announced", async () => {
    const { hostname, port } = new URL(gateway.url);
    const before = await appended();
    const socket = connect(Number(port), hostname);
    socket.write(
      "POST /v1/usage HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{",
    );
    socket.destroySoon();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await appended()).toBe(before);
    expect((await get("/healthz")).status).toBe(200);
  });
});

describe("an answer", () => {
  it("bears the exact bytes that its entry covers", async () => {
    const statement =
      "SELECT sex, g6pd, count(*) AS n, avg(birth_weight_g) AS mean FROM newborns GROUP BY sex, g6pd ORDER BY 1, 2";
    for (const asked of [statement, 'SELECT count(*) AS "数" FROM newborns']) {
      const answer = await post(JSON.stringify(signed(asked)));
      expect(answer.status, answer.bytes.toString()).toBe(200);
      const { entry, receipt } = json(answer);
      const head = `{"entry":${JSON.stringify(entry)},"receipt":${JSON.stringify(receipt)},"result":`;
      const text = answer.bytes.toString();
      expect(text.startsWith(head)).toBe(true);
      const result = answer.bytes.subarray(Buffer.byteLength(head), -1);
      expect(`0x${createHash("sha256").update(result).digest("hex")}`).toBe(entry.result.digest);
      expect(result.length).toBe(entry.result.bytes);
      expect(JSON.parse(result.toString()).rows.length).toBe(entry.result.rows);
    }
  });

  it("and a refusal have the headers that keep browsers and caches out", async () => {
    for (const answer of [
      await post(JSON.stringify(signed())),
      await post("{"),
      await get("/v1/log"),
      await get("/none"),
    ]) {
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("content-security-policy")).toContain("default-src");
      expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(answer.headers.get("strict-transport-security")).toMatch(/max-age/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-powered-by")).toBeNull();
      expect(answer.headers.get("etag")).toBeNull();
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("what is asked with GET", () => {
  it.each([
    "/v1",
    "/v1/usage",
    "/v1/log/entries",
    "/v1/log/entries/0",
    "/admin",
    "/.env",
    "/v1/usage/../../etc/passwd",
    "/v1//log",
  ])("%s is not found", async (path) => {
    expectProblem(await get(path), 404);
  });

  it.each(["-1", "01", "1.5", "1e3", "0x1", "abc", "9999999999999999", "%00", "1%20", "%31%"])(
    "index %s is refused",
    async (index) => {
      const answer = await get(`/v1/log/entries/${index}/proof`);
      expectProblem(answer, [400, 404]);
      expect(json(answer).title).not.toContain("body");
    },
  );

  it("a proof of an entry that is not there is not found", async () => {
    expectProblem(await get("/v1/log/entries/999999/proof"), 404);
  });

  it.each(["0x", "abc", `0x${"AB".repeat(32)}`, `0x${"ab".repeat(31)}`])(
    "request digest %s is refused",
    async (digest) => {
      expectProblem(await get(`/v1/requests/${digest}`), 400);
    },
  );

  it("the entry and a receipt of a recorded request are found again, of another they are not", async () => {
    const answer = await ask(space, gateway, agreement);
    const found = await get(`/v1/requests/${answer.entry.request}`);
    expect(found.status).toBe(200);
    expect(json(found).entry).toEqual(answer.entry);
    expect(json(found).receipt).toMatchObject({ index: answer.receipt.index, entry: answer.receipt.entry });
    expect(json(found)).not.toHaveProperty("result");
    expectProblem(await get(`/v1/requests/0x${"12".repeat(32)}`), 404);
  });

  it("an entry is found by its digest, appended and then anchored, and nothing by another's", async () => {
    const { receipt } = await ask(space, gateway, agreement);
    const place = async () => get(`/v1/log/places/${receipt.entry}`);
    const found = await place();
    expect(found.status).toBe(200);
    expect(json(found).index).toBe(receipt.index);
    await expect.poll(async () => json(await place()).state).toBe("Anchored");
    expectProblem(await get(`/v1/log/places/0x${"12".repeat(32)}`), 404);
    expectProblem(await get("/v1/log/places/0"), 400);
  });

  it("an entry whose digest somebody moved in the store is not found elsewhere", async () => {
    const { receipt } = await ask(space, gateway, agreement);
    await expect.poll(async () => json(await get("/v1/log")).anchored.size).toBeGreaterThan(receipt.index);
    const pool = createPool(space.engines.storeUrl, "test", 1);
    const move = (by: number) =>
      pool.query("UPDATE datapact.entry SET index = index + $2 WHERE index = $1", [
        receipt.index + (by < 0 ? 1_000 : 0),
        by,
      ]);
    await move(1_000);
    expectProblem(await get(`/v1/log/places/${receipt.entry}`), 503);
    await move(-1_000);
    expect((await get(`/v1/log/places/${receipt.entry}`)).status).toBe(200);
    await pool.end();
  });

  it("other methods change nothing", async () => {
    const before = await appended();
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest(`${gateway.url}/v1/usage`, { method }, (response) =>
          resolve(response.resume().statusCode),
        );
        request.once("error", reject).end();
      });
      expect([200, 404, 405]).toContain(status);
    }
    expect(await appended()).toBe(before);
  });
});

describe("/readyz", () => {
  const isReady = async (): Promise<number> => (await get("/readyz")).status;
  const back = async (): Promise<void> => expect.poll(isReady).toBe(200);

  it("says yes while all engines answer", async () => {
    expect(await isReady()).toBe(200);
  });

  it.each([
    ["chain", () => node.misbehave(faults.cut)],
    ["store", () => store.setDown(true)],
    ["hospital's database", () => hospital.setDown(true)],
  ] as const)(
    "turns 503 while the %s is down, without saying where it is, and comes back by itself",
    async (_name, stop) => {
      stop();
      const answer = await get("/readyz");
      expectProblem(answer, 503);
      expect(answer.bytes.toString()).not.toMatch(/ECONN|127\.0\.0\.1|postgres/);
      expect((await get("/healthz")).status).toBe(200);
      node.misbehave(undefined);
      store.setDown(false);
      hospital.setDown(false);
      await back();
    },
  );

  it("a journal that cannot be written: 503, no data, no entry; a new request is taken later, the same one never", async () => {
    const request = signed();
    const before = await appended();
    store.setDown(true);
    const answer = await post(JSON.stringify(request));
    expectProblem(answer, 503);
    expect(json(answer).code).toBe("JournalUnavailable");
    expect(await appended()).toBe(before);
    store.setDown(false);
    await back();
    expect((await post(JSON.stringify(request))).status).toBe(409);
    expect((await post(JSON.stringify(signed()))).status).toBe(200);
    expect(await appended()).toBe(before + 2);
  });
});
