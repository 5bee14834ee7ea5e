import { randomBytes } from "node:crypto";
import { zeroHash } from "../../../server/domain/hash.ts";
import { type Journal, openJournal } from "../../../server/journal/journal.ts";
import { createClient } from "../../../server/store/database.ts";
import { type EntryRow, openJournalStore } from "../../../server/store/journalStore.ts";
import { figure, quantile } from "./measure.ts";

const entries = 60_000;
const writers = 256;

/** Entries that become durable a second, and how long one takes at that rate and at one tenth of it, in milliseconds. */
export type AppendFigures = { readonly perSecond: number; readonly p50: number; readonly p99: number };

export type FilledJournal = {
  readonly journal: Journal;
  readonly figures: AppendFigures;
  readonly stop: () => Promise<void>;
};

/** Fills a journal of its own in the same PostgreSQL, with entries as large as real ones. */
export async function measureAppend(storeUrl: string): Promise<FilledJournal> {
  const url = await createDatabase(storeUrl);
  const identity = { gateway: zeroHash, chainId: 1, accessLog: zeroHash };
  const journal = await openJournal(
    () => openJournalStore(url, identity),
    () => undefined,
    () => ({ issuedAt: 0, deadline: 1, signature: `0x${"00".repeat(65)}` }),
  );
  const latencies: number[] = [];
  let left = entries;
  const write = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const row = makeRow();
      const startedAt = performance.now();
      await journal.append(row);
      latencies.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: writers }, write));
  const elapsed = performance.now() - startedAt;
  const figures = {
    perSecond: figure((entries / elapsed) * 1_000),
    p50: figure(quantile(latencies, 0.5)),
    p99: figure(quantile(latencies, 0.99)),
  };
  return { journal, figures, stop: () => journal.close() };
}

function makeRow(): EntryRow {
  const digest = randomBytes(32);
  return {
    digest,
    request: digest,
    agreement: digest,
    lineage: null,
    body: "b".repeat(900),
    evidence: "e".repeat(900),
  };
}

/** Makes a database of its own in the same PostgreSQL. */
export async function createDatabase(storeUrl: string): Promise<string> {
  const client = createClient(storeUrl, "datapact bench");
  await client.connect();
  const name = `bench_${randomBytes(4).toString("hex")}`;
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(storeUrl);
  url.pathname = `/${name}`;
  return url.href;
}
