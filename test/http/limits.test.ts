import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { peerOf } from "../../server/http/peerLimit.ts";
import { misfit } from "../support/conforming.ts";
import { sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
});
afterAll(() => space.stop());

const appended = async (): Promise<number> => (await createClient(gateway.url).log()).appended;

/** Asks from an address of this machine, which counts as a peer of its own. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
function askFrom(
  url: string,
  localAddress: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { localAddress, headers, agent }, (response) => {
      response.resume();
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] }),
      );
    });
    asked.once("error", reject).end();
  });
}

function open(address = "127.0.0.1"): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ port: Number(port), host: hostname, localAddress: address });
  socket.on("error", () => undefined);
  socket.setNoDelay(true);
  return socket;
}

/** Sends bytes as they are and gives all that comes back until the gateway closes. */
async function sendRaw(bytes: string | Buffer): Promise<string> {
  const socket = open();
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}

/** Answered as every mistake is, and soon. */
async function expectRefusedRaw(bytes: string | Buffer, status: number): Promise<void> {
  const before = await appended();
  const answer = await sendRaw(bytes);
  expect(answer.split("\r\n")[0]).toContain(` ${status} `);
  const body = JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
  expect(misfit("POST", "/v1/usage", status, body)).toBeUndefined();
  expect(await appended()).toBe(before);
}

const head = "POST /v1/usage HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

describe("what is not readable as HTTP, or too large, is answered as a problem and leaves no entry", () => {
  it.each([
    ["a header of 17 KB", `${head}x-long: ${"a".repeat(17_000)}\r\ncontent-length: 2\r\n\r\n{}`, 431],
    ["an address of 17 KB", `GET /v1/log?${"a".repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ["many headers", `${head}${"a: b\r\n".repeat(5_000)}\r\n`, 431],
    ["a length and chunks", `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["chunks, then a length", `${head}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`, 400],
    ["two lengths", `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
    ["a spoiled encoding", `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ["a header with a line end alone", `${head}a: b\nc: d\r\n\r\n`, 400],
    ["no HTTP", "hello there\r\n\r\n", 400],
    ["TLS", Buffer.from("16030100a5010000a10303", "hex"), 400],
  ] as const)("%s", async (_name, bytes, status) => {
    await expectRefusedRaw(bytes, status);
  });

  it.each([
    ["10 MB", `{"a":"${"x".repeat(10_000_000)}"}`],
    ["lists 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000)],
    ["objects 100,000 deep", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
  ])("a body of %s, in flat memory", async (_name, body) => {
    const before = await appended();
    globalThis.gc?.();
    const memory = process.memoryUsage().rss;
    for (let i = 0; i < 10; i += 1) {
      const response = await fetch(`${gateway.url}/v1/usage`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect(response.status).toBe(413);
    }
    expect(process.memoryUsage().rss - memory).toBeLessThan(250_000_000);
    expect(await appended()).toBe(before);
  });

  it("a body in endless chunks is cut", async () => {
    const socket = open();
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 40; sent += 1) socket.write(chunk);
    await expect.poll(() => answer).toContain("413");
    socket.destroy();
  });
});

describe("a peer that asks too often", () => {
  const requestsPerMinute = 120;
  beforeAll(() => gateway.stop());
  afterAll(async () => {
    gateway = await space.startGateway();
  });

  it("gets 429 with a time to wait, no entry, and others are served on", async () => {
    const limited = await space.startGateway({ DATAPACT_PEER_REQUESTS_PER_MINUTE: String(requestsPerMinute) });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => askFrom(`${limited.url}/v1/gateway`, "127.0.0.9")),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBe(20);
    expect(refused.length).toBe(40);
    for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0);
    expect((await askFrom(`${limited.url}/healthz`, "127.0.0.9")).status).toBe(200);
    expect((await askFrom(`${limited.url}/v1/gateway`, "127.0.0.10")).status).toBe(200);
    const before = (await createClient(limited.url).log()).appended;
    const posted = await new Promise<number | undefined>((resolve, reject) => {
      const options = { method: "POST", localAddress: "127.0.0.9", headers: { "content-type": "application/json" } };
      const asked = httpRequest(`${limited.url}/v1/usage`, options, (response) =>
        resolve(response.resume().statusCode),
      );
      asked.once("error", reject).end(JSON.stringify(sign(space, limited, agreement)));
    });
    expect(posted).toBe(429);
    expect((await createClient(limited.url).log()).appended).toBe(before);
    await limited.stop();
  });

  it("is not let off for 10,000 names in X-Forwarded-For, asked directly or through one trusted proxy", async () => {
    for (const [trusted, from, own] of [
      ["", "127.0.0.11", undefined],
      ["127.0.0.12", "127.0.0.12", "203.0.113.9"],
    ] as const) {
      const limited = await space.startGateway({
        DATAPACT_PEER_REQUESTS_PER_MINUTE: String(requestsPerMinute),
        DATAPACT_TRUSTED_PROXIES: trusted,
      });
      let served = 0;
      const started = Date.now();
      for (let batch = 0; batch < 100; batch += 1) {
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, i) => {
            const claimed = `10.${batch}.${i}.1`;
            return askFrom(`${limited.url}/v1/gateway`, from, {
              "x-forwarded-for": own === undefined ? claimed : `${claimed}, ${own}`,
            });
          }),
        );
        served += answers.filter(({ status }) => status === 200).length;
      }
      // 20 in ten seconds, however long the ten thousand take
      expect(served).toBeGreaterThanOrEqual(20);
      expect(served).toBeLessThanOrEqual(20 * (2 + (Date.now() - started) / 10_000));
      if (own !== undefined) {
        const other = await askFrom(`${limited.url}/v1/gateway`, from, { "x-forwarded-for": "203.0.113.77" });
        expect(other.status).toBe(200);
      }
      await limited.stop();
    }
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::9", "2001:db8:1:2"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
  ])("%s counts as %s", (address, peer) => {
    expect(peerOf(address)).toBe(peer);
  });
});

describe("2,000 slow sockets", () => {
  it("in headers, bodies and answers keep no lawful client waiting, and are let go in time", async () => {
    const sockets = Array.from({ length: 2_000 }, (_, i) => open(`127.0.1.${1 + (i % 4)}`));
    const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    for (const [at, socket] of sockets.entries()) {
      if (at % 3 === 0) socket.write("GET /v1/log HTTP/1.1\r\nhost: x\r\nx-slow: ");
      else if (at % 3 === 1) socket.write(`${head}content-length: 1000\r\n\r\n{`);
      else {
        socket.write("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3));
        socket.pause();
      }
    }
    const drip = setInterval(() => {
      for (const [at, socket] of sockets.entries()) if (at % 3 !== 2 && !socket.destroyed) socket.write("a");
    }, 1_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const use = () => createClient(gateway.url).use(sign(space, gateway, agreement));
    expect(await use()).toHaveProperty("result");
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(1_000);
    for (let i = 1; i < 20; i += 1) expect(await use()).toHaveProperty("result");
    for (const socket of sockets) socket.resume();
    await closed;
    clearInterval(drip);
  });
});
