import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { migrate, steps } from "../../server/store/migrate.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { ask, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

const databases: TestDatabase[] = [];
afterAll(async () => {
  for (const database of databases) await database.drop();
});

async function empty(): Promise<TestDatabase> {
  const database = await createDatabase();
  databases.push(database);
  return database;
}

async function on<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return work(client).finally(() => client.end().catch(() => undefined));
}

/** Every table, column and index, in words. */
const shapeOf = (url: string): Promise<unknown[]> =>
  on(url, async (client) => {
    const columns = await client.query(
      `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
       WHERE table_schema = 'datapact' ORDER BY 1, 2`,
    );
    const indexes = await client.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'datapact' ORDER BY 1");
    return [...columns.rows, ...indexes.rows];
  });

const versionOf = (url: string): Promise<number | undefined> =>
  on(url, async (client) => {
    const { rows } = await client.query("SELECT to_regclass('datapact.version') AS found");
    if (rows[0]?.found === null) return undefined;
    return (await client.query<{ number: number }>("SELECT number FROM datapact.version")).rows[0]?.number;
  });

describe("migrations of the store", () => {
  it("come from every older shape to the same newest one, whatever is done twice", async () => {
    const fresh = await empty();
    await on(fresh.url, (client) => migrate(client));
    const newest = await shapeOf(fresh.url);
    for (let old = 1; old < steps.length; old += 1) {
      const { url } = await empty();
      await on(url, (client) => migrate(client, steps.slice(0, old)));
      await on(url, (client) => migrate(client));
      await on(url, (client) => migrate(client));
      expect(await versionOf(url)).toBe(steps.length);
      expect(await shapeOf(url)).toEqual(newest);
    }
  });

  it("of a newer release are refused by every older one, and nothing is touched", async () => {
    const { url } = await empty();
    await on(url, (client) => migrate(client));
    const before = await shapeOf(url);
    for (let old = 1; old < steps.length; old += 1) {
      const refused = on(url, (client) => migrate(client, steps.slice(0, old)));
      await expect(refused).rejects.toThrow(
        `the store has shape ${steps.length}, this release knows ${old}: use a newer one`,
      );
    }
    expect(await versionOf(url)).toBe(steps.length);
    expect(await shapeOf(url)).toEqual(before);
  });

  it("that are killed at any statement leave the old shape whole, and are done by the next start", async () => {
    const fresh = await empty();
    let statements = 0;
    await on(fresh.url, (client) => {
      const query = (...args: [string]): Promise<unknown> => {
        statements += 1;
        return client.query(...args);
      };
      return migrate({ query: query as never });
    });
    const newest = await shapeOf(fresh.url);
    expect(statements).toBeGreaterThan(steps.length);
    const old = 2;
    for (let last = 1; last <= statements - old; last += 1) {
      const { url } = await empty();
      await on(url, (client) => migrate(client, steps.slice(0, old)));
      const shape = await shapeOf(url);
      let done = 0;
      const killed = on(url, async (client) => {
        const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        const query = async (...args: [string]): Promise<unknown> => {
          done += 1;
          if (done === last)
            await on(url, (other) => other.query("SELECT pg_terminate_backend($1, 600000)", [rows[0]?.pid]));
          return client.query(...args);
        };
        await migrate({ query: query as never });
      });
      await expect(killed).rejects.toThrow();
      expect(await versionOf(url)).toBe(old);
      expect(await shapeOf(url)).toEqual(shape);
      await on(url, (client) => migrate(client));
      expect(await shapeOf(url)).toEqual(newest);
    }
  });
});

describe("data of an older release", () => {
  let space: TestSpace;
  let agreement: AgreementId;
  beforeAll(async () => {
    space = await startTestSpace();
    agreement = await space.conclude();
  });
  afterAll(() => space.stop());

  it("is served by this one: the log goes on, old receipts verify, lost ones are given again", async () => {
    const chain = space.founded.space;
    const before = await space.startGateway();
    const kept: Evidence[] = [];
    for (let i = 0; i < 5; i += 1) {
      const signed = sign(space, before, agreement);
      kept.push({ signed, ...(await createClient(before.url).use(signed)) } as unknown as Evidence);
    }
    const lost = sign(space, before, agreement);
    const { entry } = await createClient(before.url).use(lost);
    await before.stop();

    // the first shape knew entries and whose they are, and nothing of promises
    const { url } = await empty();
    await on(url, (client) => migrate(client, steps.slice(0, 1)));
    const columns = "index, digest, request, agreement, lineage, appended_at, body, evidence";
    const entries = await on(space.engines.storeUrl, (client) =>
      client.query(`SELECT ${columns} FROM datapact.entry ORDER BY index`),
    );
    const identity = await on(space.engines.storeUrl, (client) =>
      client.query("SELECT gateway, chain_id, access_log FROM datapact.identity"),
    );
    await on(url, async (client) => {
      for (const row of entries.rows)
        await client.query(
          `INSERT INTO datapact.entry (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          Object.values(row),
        );
      await client.query(
        "INSERT INTO datapact.identity (gateway, chain_id, access_log) VALUES ($1, $2, $3)",
        Object.values(identity.rows[0]),
      );
    });

    const now = await space.startGateway({}, { storeUrl: url });
    const next = await ask(space, now, agreement);
    expect(reasonOf(next)).toBeUndefined();
    // before it the entry that nobody can tell under which settings the older release ran
    expect(next.receipt.index).toBe(entries.rows.length + 1);
    for (const { signed, entry: old, receipt, result } of kept) {
      const whole = { signed, entry: old, receipt, ...(result === undefined ? {} : { result }) };
      const checked = await verifyEvidence(chain, whole, 120_000);
      expect(checked.filter(({ problem }) => problem !== undefined)).toEqual([]);
    }
    const again = await createClient(now.url).recorded({ digest: entry.request });
    const checked = await verifyEvidence(chain, { signed: lost, ...again } as unknown as Evidence, 120_000);
    expect(checked.filter(({ problem }) => problem !== undefined).map(({ check }) => check)).toEqual(["result"]);
    await now.stop();
  });
});
