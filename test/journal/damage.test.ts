import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { createRandom } from "../../scripts/demo/random.ts";
import { sha256 } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { createPool } from "../../server/store/database.ts";
import { createEntryAudit } from "../../server/store/entryAudit.ts";
import { startRpcProxy } from "../support/rpcProxy.ts";
import { flipBit } from "../support/sigstore.ts";
import { ask, startTestSpace, type TestSpace, withoutRounds } from "../support/space.ts";

const flips = 1_000;

let space: TestSpace;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude({ maxUses: 1_000_000n });
});
afterAll(() => space.stop());

async function onStore<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  return (await client.query<T>(sql, values).finally(() => client.end())).rows;
}

const fill = (gateway: Gateway, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => ask(space, gateway, agreement)));
const anchoredSize = async (): Promise<number> => {
  const { space: chain, id } = space.founded;
  return (await chain.reader.log(id("gateway"), (await chain.readHead()).hash)).size;
};
/** Alters one entry and gives how to put it right again. */
async function damage(index: number): Promise<() => Promise<unknown>> {
  const sql = "UPDATE datapact.entry SET body = replace(body, $1, $2) WHERE index = $3";
  await onStore(sql, ['"rows":', '"rowz":', index]);
  return () => onStore(sql, ['"rowz":', '"rows":', index]);
}
/** Until the gateway says why it serves no more. */
const whenStopped = (gateway: Gateway): Promise<void> =>
  expect
    .poll(() =>
      ask(space, gateway, agreement).then(
        () => "served",
        ({ code }) => code,
      ),
    )
    .toBe("JournalUnavailable");

it(`bitFlips: each of ${flips} in stored entries is found, at its entry`, async () => {
  const gateway = await space.startGateway();
  await fill(gateway, 40);
  await gateway.stop();
  type Row = { index: string; body: string; digest: Buffer; request: Buffer; agreement: Buffer; lineage: Buffer };
  const rows = await onStore<Row>("SELECT * FROM datapact.entry ORDER BY index");
  const digests = rows.map(({ digest }) => digest);
  const pool = createPool(space.engines.storeUrl, "test", 1);
  const findDamaged = createEntryAudit(pool);
  expect(await findDamaged(0, digests)).toBeUndefined();
  const random = createRandom("flips");
  for (let flip = 0; flip < flips; flip += 1) {
    const row = random.pick(rows);
    const column = random.pick(["body", "body", "digest", "request", "agreement"] as const);
    const before = row[column];
    const bytes = Buffer.from(before);
    let damaged = flipBit(bytes, random.integer(0, bytes.length * 8 - 1));
    // what is no text is none for PostgreSQL either
    while (column === "body" && (damaged.includes(0) || !damaged.every((byte) => byte < 128)))
      damaged = flipBit(bytes, random.integer(0, bytes.length * 8 - 1));
    const put = (value: Buffer | string): Promise<unknown> =>
      pool.query(`UPDATE datapact.entry SET ${column} = $1 WHERE index = $2`, [value, row.index]);
    await put(column === "body" ? damaged.toString("latin1") : damaged);
    expect(await findDamaged(0, digests), `${column} of entry ${row.index}`).toBe(Number(row.index));
    await put(before);
  }
  expect(await findDamaged(0, digests)).toBeUndefined();
  // in memory, between hashing and writing: the body that was stored is not the one whose digest was kept
  const flipped = digests.with(7, sha256(Buffer.from("another body")));
  expect(await findDamaged(0, flipped)).toBe(7);
  expect(await findDamaged(0, [...digests, sha256()])).toBe(digests.length);
  await pool.end();
});

describe("a damaged entry", () => {
  it("is found at start, which names it", async () => {
    const mend = await damage(3);
    await expect(space.startGateway()).rejects.toThrow(/entry 3 in the store is not the one that was appended/);
    await mend();
    await (await space.startGateway()).stop();
  });

  it("is found by the scrub while the gateway serves, and serving stops", async () => {
    const gateway = await space.startGateway();
    await fill(gateway, 1);
    const mend = await damage(5);
    await whenStopped(gateway);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    await mend();
    await gateway.stop();
  });

  it("is found before it is anchored: neither it nor what follows reaches the chain", async () => {
    const node = await startRpcProxy(space.engines.chainUrl);
    const gateway = await space.startGateway(withoutRounds, { chainUrl: node.url });
    const { appended: before } = await createClient(gateway.url).log();
    await expect.poll(anchoredSize).toBe(before);
    node.refuse("eth_estimateGas");
    await fill(gateway, 3);
    const mend = await damage(before + 1);
    await whenStopped(gateway);
    node.refuse();
    node.reset();
    await expect.poll(() => node.asked().length).toBeGreaterThan(50);
    expect(await anchoredSize()).toBe(before);
    await mend();
    await gateway.stop();
    await node.stop();
    const again = await space.startGateway();
    await expect.poll(anchoredSize).toBeGreaterThanOrEqual(before + 3);
    await again.stop();
  });
});
