import { createHash } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { write } from "../../server/chain/write.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Receipt } from "../../server/domain/receipt.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { baseSchema } from "../../server/intake/names.ts";
import { readerOf } from "../../server/intake/reader.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { ask, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

const rows = 40_000;
const statement = "SELECT patient_id, sex, gestational_age_weeks FROM newborns ORDER BY gestational_age_weeks";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  const client = new pg.Client({ connectionString: space.engines.hospitalAdminUrl });
  await client.connect();
  const table = `"${baseSchema(space.dataset.name)}".newborns`;
  const { rows: columns } = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    [table],
  );
  const values = columns.map(({ name }) => (name === "patient_id" ? "1000000000 + n" : `o."${name}"`));
  await client.query(
    `INSERT INTO ${table} SELECT ${values.join(", ")} FROM generate_series(1, ${rows}) AS n
     CROSS JOIN (SELECT * FROM ${table} WHERE gestational_age_weeks >= 35 ORDER BY patient_id LIMIT 1) AS o`,
  );
  // these are about what leaves, not about how fast a busy machine computes it
  const admin = space.engines.hospitalAdminUrl;
  await client.query(`ALTER ROLE ${readerOf(admin)} IN DATABASE ${nameOf(admin)} SET statement_timeout = 600000`);
  await client.end();
  gateway = await space.startGateway();
  agreement = await space.conclude({ disclosure: "Deidentified", maxRows: 1_000_000n });
});
afterAll(() => space.stop());

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

/** Files of this process that hold a result. */
const openResults = (): string[] => {
  try {
    return readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.includes("datapact-result-") ? [target] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
};

const post = (): Promise<Response> =>
  fetch(`${gateway.url}/v1/usage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sign(space, gateway, agreement, { statement })),
  });

const appended = async (): Promise<number> =>
  ((await (await fetch(`${gateway.url}/v1/log`)).json()) as { appended: number }).appended;

describe("a result that does not fit into memory (CHECKS 77)", () => {
  it("leaves whole, in the bytes that were recorded, and its file is gone", async () => {
    const bytes = Buffer.from(await (await post()).arrayBuffer());
    const mark = Buffer.from(',"result":');
    const at = bytes.indexOf(Buffer.from(`${mark}{"columns":`));
    const head = JSON.parse(`${bytes.subarray(0, at)}}`) as {
      entry: { result: { digest: string; bytes: number; rows: number } };
      receipt: Receipt;
    };
    const result = bytes.subarray(at + mark.length, -1);
    const { digest, bytes: length, rows: count } = head.entry.result;
    expect(result.length).toBe(length);
    expect(length).toBeGreaterThan(1_500_000);
    expect(count).toBeGreaterThan(rows);
    expect(`0x${createHash("sha256").update(result).digest("hex")}`).toBe(digest);
    expect((JSON.parse(result.toString()) as { rows: unknown[] }).rows).toHaveLength(count);
    await expect.poll(openResults).toEqual([]);
  });

  it("passes verification like any other", async () => {
    const signed = sign(space, gateway, agreement, { statement });
    const response = await fetch(`${gateway.url}/v1/usage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(signed),
    });
    expect(response.status).toBe(200);
    const evidence = { signed, ...((await response.json()) as object) } as unknown as Evidence;
    const checked = await verifyEvidence(space.founded.space, evidence, 120_000);
    expect(checked.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it.each([0, 100, 100_000, 1_400_000])(
    "is let go when its reader leaves after %i bytes; its entry stands (CHECKS 48)",
    async (most) => {
      const before = await appended();
      const { hostname, port } = new URL(gateway.url);
      const body = JSON.stringify(sign(space, gateway, agreement, { statement }));
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname);
        let seen = 0;
        const leave = (): void => {
          socket.destroy();
          resolve();
        };
        socket.on("error", () => undefined);
        socket.write(
          `POST /v1/usage HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        if (most === 0) setTimeout(leave, 100);
        socket.on("data", (chunk) => {
          seen += chunk.length;
          if (seen > most) leave();
        });
      });
      await expect.poll(appended).toBe(before + 1);
      await expect.poll(openResults).toEqual([]);
      expect(
        reasonOf(await ask(space, gateway, agreement, { statement: "SELECT sex FROM newborns LIMIT 100" })),
      ).toBeUndefined();
    },
  );

  it("stops leaving when its agreement is suspended while it is read (CHECKS 21)", async () => {
    const stopped = await space.conclude({ disclosure: "Deidentified", maxRows: 1_000_000n });
    const wide = Array.from({ length: 7 }, (_, at) => `patient_id AS p${at}`).join(", ");
    const body = JSON.stringify(sign(space, gateway, stopped, { statement: `SELECT ${wide} FROM newborns` }));
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/usage HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const first = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.pause();
    const promised = Number(/content-length: (\d+)/i.exec(first.toString())?.[1]);
    expect(promised).toBeGreaterThan(9_000_000);
    await write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", "suspend", [stopped, ""]);
    let seen = first.length;
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk) => {
        seen += chunk.length;
      });
      socket.once("close", () => resolve());
      socket.on("error", () => undefined);
      socket.resume();
    });
    expect(seen).toBeLessThan(promised);
    await expect.poll(openResults).toEqual([]);
  });

  it("is refused beyond the rows that the agreement permits, and nothing is left of it", async () => {
    const narrow = await space.conclude({ disclosure: "Deidentified", maxRows: 30_000n });
    expect(reasonOf(await ask(space, gateway, narrow, { statement }))).toBe("RowLimitExceeded");
    await expect.poll(openResults).toEqual([]);
  });
});
