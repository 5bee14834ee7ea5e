import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromHex, sha256 } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { rootOf } from "../../server/domain/merkle.ts";
import { type Journal, JournalUnavailable, openJournal } from "../../server/journal/journal.ts";
import {
  type EntryRow,
  type Identity,
  JournalLocked,
  openJournalStore,
  StoreMismatch,
  type TailRow,
} from "../../server/store/journalStore.ts";
import { bytes32 } from "../support/evidence.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

const identity: Identity = { gateway: bytes32("gateway"), chainId: 31_337, accessLog: bytes32("log").slice(0, 42) };
const [first, second] = [bytes32<AgreementId>("agreement 1"), bytes32<AgreementId>("agreement 2")];

const rowOf = (number: number, lineage: AgreementId | null = null): EntryRow => ({
  digest: sha256(Buffer.from(`entry ${number}`)),
  request: sha256(Buffer.from(`request ${number}`)),
  agreement: fromHex(lineage ?? first),
  lineage: lineage === null ? null : fromHex(lineage),
  body: JSON.stringify({ number }),
  evidence: "{}",
});

const signature = `0x${"01".repeat(65)}` as const;

let database: TestDatabase;
let wire: TcpProxy;
let opened: Journal[];
let replayed: { readonly index: number; readonly row: TailRow }[];

beforeEach(async () => {
  database = await createDatabase();
  wire = await startTcpProxy(database.url);
  opened = [];
  replayed = [];
});
afterEach(async () => {
  for (const journal of opened) await journal.close().catch(() => undefined);
  await wire.stop();
  await database.drop();
});

async function open(url = wire.url): Promise<Journal> {
  const journal = await openJournal(
    () => openJournalStore(url, identity),
    (row, index) => replayed.push({ index, row }),
    (start, digests) => ({ issuedAt: start, deadline: start + digests.length, signature }),
  );
  opened.push(journal);
  return journal;
}

async function query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const stored = async (): Promise<string[]> =>
  (await query<{ body: string }>("SELECT body FROM datapact.entry ORDER BY index")).map(({ body }) => body);

/** Tries again until it works, as clients do; nobody tries for ever. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

describe("group commit", () => {
  it("gives 2,000 parallel appends consecutive indices, each entry its own, in few transactions", async () => {
    const journal = await open();
    const commits = async (): Promise<number> =>
      Number((await query<{ n: string }>("SELECT count(DISTINCT xmin::text) AS n FROM datapact.entry"))[0]?.n);
    const appended = await Promise.all(Array.from({ length: 2_000 }, (_, number) => journal.append(rowOf(number))));
    expect(appended.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2_000 }, (_, i) => i),
    );
    for (const [number, { index, batch }] of appended.entries()) {
      expect(batch.digests[index - batch.start]?.equals(rowOf(number).digest)).toBe(true);
    }
    const rows = await query<{ index: string; body: string }>("SELECT index, body FROM datapact.entry ORDER BY index");
    for (const [number, { index }] of appended.entries())
      expect(JSON.parse(rows[index]?.body ?? "")).toEqual({ number });
    expect(await commits()).toBeLessThan(20);
    expect(journal.tree.size()).toBe(2_000);
    expect(journal.tree.root(2_000)).toEqual(rootOf(journal.digests(0, 2_000)));
  });

  it("resolves only what another connection can already read", async () => {
    const journal = await open();
    for (let number = 0; number < 20; number += 1) {
      const { index } = await journal.append(rowOf(number));
      expect(await query("SELECT body FROM datapact.entry WHERE index = $1", [index])).toEqual([
        { body: rowOf(number).body },
      ]);
    }
  });

  it("counts uses by their chain of replacements, refusals not at all", async () => {
    const journal = await open();
    const rows = [rowOf(0, first), rowOf(1), rowOf(2, second), rowOf(3, first)];
    for (const row of rows) await journal.append(row);
    expect(journal.uses(0, 4)).toEqual(
      new Map([
        [first, 2],
        [second, 1],
      ]),
    );
    expect(journal.uses(1, 3)).toEqual(new Map([[second, 1]]));
  });

  it("holds entries that are no use, which count for no agreement", async () => {
    const journal = await open();
    await journal.append({ ...rowOf(0), request: null, agreement: null });
    await journal.append(rowOf(1, first));
    await journal.close();
    replayed = [];
    expect((await open()).uses(0, 2)).toEqual(new Map([[first, 1]]));
    expect(replayed.map(({ row }) => row.request)).toEqual([null, rowOf(1).request]);
  });

  it("tells the same after it was closed and opened again", async () => {
    const journal = await open();
    await Promise.all(
      Array.from({ length: 300 }, (_, number) => journal.append(rowOf(number, number % 3 ? first : null))),
    );
    const [root, uses] = [journal.tree.root(300), journal.uses(0, 300)];
    await journal.close();
    await expect(journal.append(rowOf(300))).rejects.toThrow(JournalUnavailable);
    replayed = [];
    const again = await open();
    expect(again.tree.root(300)).toEqual(root);
    expect(again.uses(0, 300)).toEqual(uses);
    expect(replayed.map(({ index }) => index)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect((await again.append(rowOf(300))).index).toBe(300);
  });

  it("settles what waits when it is closed", async () => {
    const journal = await open();
    const waiting = Array.from({ length: 200 }, (_, number) => journal.append(rowOf(number)));
    await journal.close();
    expect((await Promise.all(waiting)).length).toBe(200);
    expect(await stored()).toHaveLength(200);
  });
});

describe("a commit whose answer is lost", () => {
  it("is promised to nobody, and stands in the log once", async () => {
    const journal = await open();
    await journal.append(rowOf(0));
    wire.loseAnswerTo("append");
    const lost = await Promise.allSettled([journal.append(rowOf(1)), journal.append(rowOf(2))]);
    expect(lost.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(wire.lost()).toBe(1);
    const { index } = await eventually(() => journal.append(rowOf(3)));
    expect(index).toBe(3);
    expect(await stored()).toEqual([0, 1, 2, 3].map((number) => rowOf(number).body));
    expect(journal.tree.root(4)).toEqual(rootOf([0, 1, 2, 3].map((number) => rowOf(number).digest)));
    expect(replayed.map(({ index: at }) => at)).toEqual([0, 1, 2, 3]);
    expect(replayed.map(({ row }) => row.digest)).toEqual([0, 1, 2, 3].map((number) => rowOf(number).digest));
  });

  it("again and again under load: every promise is kept at its index, nothing stands twice, nothing is missing", async () => {
    const journal = await open();
    const kept = new Map<number, number>();
    let next = 0;
    const client = async (): Promise<void> => {
      for (let i = 0; i < 25; i += 1) {
        const number = next++;
        try {
          kept.set(number, (await journal.append(rowOf(number))).index);
        } catch (error) {
          expect(error).toBeInstanceOf(JournalUnavailable);
          await eventually(() => journal.probe());
        }
      }
    };
    const saboteur = async (): Promise<void> => {
      for (let i = 0; i < 6; i += 1) {
        await sleep(60);
        if (i % 2 === 0) wire.loseAnswerTo("append");
        else wire.cut();
      }
    };
    await Promise.all([saboteur(), ...Array.from({ length: 20 }, client)]);
    await eventually(() => journal.append(rowOf(10_000)));
    const bodies = await stored();
    expect(new Set(bodies).size).toBe(bodies.length);
    for (const [number, index] of kept) expect(bodies[index]).toBe(rowOf(number).body);
    expect(journal.tree.size()).toBe(bodies.length);
    expect(wire.lost()).toBeGreaterThan(0);
    expect(kept.size).toBeGreaterThan(300);
  });
});

describe("a store that is gone", () => {
  it("rejects at once, tells `probe`, and is used again by itself once it is back", async () => {
    const journal = await open();
    await journal.append(rowOf(0));
    wire.setDown(true);
    await sleep(20);
    await expect(journal.append(rowOf(1))).rejects.toThrow(JournalUnavailable);
    await expect(journal.append(rowOf(2))).rejects.toThrow("nothing may leave");
    await expect(journal.probe()).rejects.toThrow(JournalUnavailable);
    wire.setDown(false);
    await eventually(() => journal.probe());
    expect((await journal.append(rowOf(3))).index).toBe(1);
    expect(await stored()).toEqual([rowOf(0).body, rowOf(3).body]);
  });

  it("is found out when PostgreSQL ends our session", async () => {
    const journal = await open();
    await journal.append(rowOf(0));
    await query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'datapact gateway%'",
    );
    const { index } = await eventually(() => journal.append(rowOf(1)));
    expect(index).toBe(1);
  });

  it("that refuses the entry releases nothing", async () => {
    const journal = await open();
    await query("ALTER TABLE datapact.entry ADD CONSTRAINT nothing CHECK (index < 1)");
    await journal.append(rowOf(0));
    await expect(journal.append(rowOf(1))).rejects.toThrow(JournalUnavailable);
    await query("ALTER TABLE datapact.entry DROP CONSTRAINT nothing");
    expect((await eventually(() => journal.append(rowOf(2)))).index).toBe(1);
  });
});

describe("whose store it is", () => {
  it("a second process refuses within a second and names the holder; kill -9 frees the lock", async () => {
    const tsx = createRequire(import.meta.url).resolve("tsx/cli");
    const args = [tsx, join(import.meta.dirname, "lockHolder.ts"), database.url, JSON.stringify(identity)];
    const holder = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(holder.stdout, "data")) as [Buffer];
    const pid = Number(/holds (\d+)/.exec(line.toString())?.[1]);
    const started = Date.now();
    const refusal = await openJournalStore(database.url, identity).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(JournalLocked);
    // it does not wait for the holder, who stays
    expect(Date.now() - started).toBeLessThan(20_000);
    expect((refusal as JournalLocked).message).toMatch(`process ${pid} from 127.0.0.1`);
    process.kill(pid, "SIGKILL");
    const store = await eventually(() => openJournalStore(database.url, identity));
    await store.close();
    holder.kill("SIGKILL");
  });

  it("a store of another gateway, chain or log is refused, and left as it is", async () => {
    await (await open(database.url)).close();
    for (const other of [
      { ...identity, gateway: bytes32("other") },
      { ...identity, chainId: 1 },
      { ...identity, accessLog: bytes32("other").slice(0, 42) },
    ]) {
      await expect(openJournalStore(database.url, other)).rejects.toThrow(StoreMismatch);
    }
    expect(await query("SELECT gateway, chain_id::int AS chain FROM datapact.identity")).toEqual([
      { gateway: identity.gateway, chain: identity.chainId },
    ]);
    await (await open(database.url)).close();
  });
});

describe("a damaged store", () => {
  it.each([
    ["in front", 0],
    ["in the middle", 3],
  ])("is refused with a gap %s, which is named", async (_name, index) => {
    const journal = await open();
    for (let number = 0; number < 6; number += 1) await journal.append(rowOf(number));
    await journal.close();
    await query("DELETE FROM datapact.entry WHERE index = $1", [index]);
    await expect(open()).rejects.toThrow(`entry ${index} is missing before ${index + 1}`);
  });

  it("refuses, in the database itself, an index twice and a digest of another length", async () => {
    const journal = await open();
    await journal.append(rowOf(0));
    const insert =
      "INSERT INTO datapact.entry (index, digest, request, agreement, body, evidence) VALUES ($1, $2, $3, $3, '', '')";
    await expect(query(insert, [0, Buffer.alloc(32), Buffer.alloc(32)])).rejects.toThrow(/duplicate key/);
    await expect(query(insert, [1, Buffer.alloc(31), Buffer.alloc(32)])).rejects.toThrow(/check constraint/);
  });
});

describe("the store's shape", () => {
  it("a newer one is refused and left as it is", async () => {
    await (await open()).close();
    await query("UPDATE datapact.version SET number = 99");
    await expect(open()).rejects.toThrow(/the store has shape 99, this release knows \d+: use a newer one/);
    expect(await query("SELECT number FROM datapact.version")).toEqual([{ number: 99 }]);
  });

  it("is made once, however many come at the same time", async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => openJournalStore(database.url, identity)));
    const [winner] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(JournalLocked);
    }
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await winner?.close();
  });
});
