import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { fromHex } from "../domain/hash.ts";
import type { BatchPromise } from "../domain/receipt.ts";
import { createClient } from "./database.ts";
import { migrate } from "./migrate.ts";

/** Whose journal a store holds: one store serves one gateway on one chain. */
export type Identity = { readonly gateway: string; readonly chainId: number; readonly accessLog: string };

/** An entry as it stands in the store. `evidence` is what was signed or asked for, for the hospital alone. */
export type EntryRow = {
  readonly digest: Buffer;
  /** Null unless the entry is of a use, as `agreement`. */
  readonly request: Buffer | null;
  readonly agreement: Buffer | null;
  /** The chain of replacements under which a use counts; null if the entry is none. */
  readonly lineage: Buffer | null;
  readonly body: string;
  readonly evidence: string;
};

/** What is read back of an entry when a journal opens. `appendedAt` is unix seconds. */
export type TailRow = Pick<EntryRow, "digest" | "request" | "agreement" | "lineage"> & { readonly appendedAt: number };

/** The only connection that writes entries. It holds the store's lock, so that lock and writes share one fate. */
export type JournalStore = {
  /** Writes entries from `start` on, and what is promised for them, in one durable transaction. */
  readonly write: (start: number, rows: readonly EntryRow[], promise: BatchPromise) => Promise<void>;
  /** Reads the entries from `start` on, `most` at a time, in order. Throws at a gap. */
  readonly readFrom: (start: number, most: number) => Promise<TailRow[]>;
  readonly close: () => Promise<void>;
};

/** Thrown when another process writes to this store. */
export class JournalLocked extends Error {
  override readonly name = "JournalLocked";
  readonly holder: string;
  constructor(holder: string) {
    super(`another gateway writes to this store: ${holder}. Stop it first, or give this gateway a store of its own.`);
    this.holder = holder;
  }
}

/** Thrown when a store belongs to another gateway or chain. */
export class StoreMismatch extends Error {
  override readonly name = "StoreMismatch";
}

const lockKey = "hashtext('datapact.journal')";
const lockPatienceMs = 800;

/** Connects, brings the store to shape, checks whose it is and takes its lock. */
export async function openJournalStore(url: string, identity: Identity): Promise<JournalStore> {
  const client = createClient(url, `datapact gateway, process ${process.pid}`);
  await client.connect();
  try {
    await migrate(client);
    await claim(client, identity);
    await lock(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  return Object.freeze<JournalStore>({
    write: (start, rows, promise) => write(client, start, rows, promise),
    readFrom: (start, most) => readFrom(client, start, most),
    close: () => client.end(),
  });
}

async function claim(client: pg.Client, { gateway, chainId, accessLog }: Identity): Promise<void> {
  await client.query(
    "INSERT INTO datapact.identity (gateway, chain_id, access_log) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [gateway, chainId, accessLog],
  );
  const { rows } = await client.query<{ gateway: string; chain_id: string; access_log: string }>(
    "SELECT gateway, chain_id, access_log FROM datapact.identity",
  );
  const found = rows[0];
  if (found?.gateway !== gateway || Number(found.chain_id) !== chainId || found.access_log !== accessLog) {
    throw new StoreMismatch(
      `this store holds the journal of gateway ${found?.gateway} on chain ${found?.chain_id} (log ${found?.access_log}), ` +
        `not of ${gateway} on chain ${chainId} (log ${accessLog}). Use the store that belongs to this gateway.`,
    );
  }
}

async function lock(client: pg.Client): Promise<void> {
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}) AS held`);
    if (rows[0]?.held === true) return;
    if (Date.now() > deadline) throw new JournalLocked(await lockHolder(client));
    await sleep(50);
  }
}

async function lockHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT a.application_name || ' from ' || coalesce(host(a.client_addr), 'this machine') AS holder
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND l.objid = (${lockKey}::bigint & 4294967295)::oid`,
  );
  return rows[0]?.holder ?? "a process that has just ended";
}

async function write(
  client: pg.Client,
  start: number,
  rows: readonly EntryRow[],
  { issuedAt, deadline, signature }: BatchPromise,
): Promise<void> {
  await client.query({
    name: "append",
    text: `WITH promised AS (
        INSERT INTO datapact.promise (start, count, issued_at, deadline, signature) VALUES ($1, $8, $9, $10, $11)
      )
      INSERT INTO datapact.entry (index, digest, request, agreement, lineage, body, evidence)
      SELECT $1::bigint + ordinality - 1, digest, request, agreement, lineage, body, evidence
      FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::text[]) WITH ORDINALITY
        AS t (digest, request, agreement, lineage, body, evidence, ordinality)`,
    values: [
      start,
      rows.map((row) => row.digest),
      rows.map((row) => row.request),
      rows.map((row) => row.agreement),
      rows.map((row) => row.lineage),
      rows.map((row) => row.body),
      rows.map((row) => row.evidence),
      rows.length,
      issuedAt,
      deadline,
      fromHex(signature),
    ],
  });
}

async function readFrom(client: pg.Client, start: number, most: number): Promise<TailRow[]> {
  const { rows } = await client.query<TailRow & { index: string }>(
    `SELECT index, digest, request, agreement, lineage, extract(epoch FROM appended_at)::float8 AS "appendedAt"
     FROM datapact.entry WHERE index >= $1 ORDER BY index LIMIT $2`,
    [start, most],
  );
  rows.forEach(({ index }, i) => {
    if (Number(index) !== start + i)
      throw new Error(`the journal has a gap: entry ${start + i} is missing before ${index}`);
  });
  return rows;
}
