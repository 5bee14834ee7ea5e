import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import Cursor from "pg-cursor";
import { asText, createPool, queryTimeoutMs } from "./database.ts";

/** One parameterised statement, and the most rows that it can give. `mark` is what the database's log shows of it: letters, digits, `_`. */
export type Query = {
  readonly text: string;
  readonly values: readonly string[];
  readonly mostRows: number;
  readonly mark?: string;
};

/** Runs a statement and hands over its rows in order, each value as the text that PostgreSQL writes; waits if the taker does. */
export type RunQuery = (
  query: Query,
  take: (row: readonly (string | null)[]) => Promise<void> | undefined,
) => Promise<void>;

export type HospitalDatabase = {
  readonly run: RunQuery;
  /** Resolves if the database answers. */
  readonly probe: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Texts that are prepared; those that come later take the places of all of them. */
const mostNames = 500;
/** After so many statements a connection is closed, and what is prepared on it goes with it. */
const mostUses = 1_000;
/** A silent connection is closed, so that the next one has its place. */
const patience = { query_timeout: queryTimeoutMs };
/** Results up to so many rows are fetched at once; larger ones so many at a time. */
const mostAtOnce = 2_000;

/** Connects with the login that only reads governed views. `url` must not be an owner's. */
export function openHospital(url: string, connections: number): HospitalDatabase {
  const pool: pg.Pool = createPool(url, "datapact reader", connections, {
    session: "-c timezone=UTC",
    maxUses: mostUses,
    patience: "patient",
  });
  const nameOf = createNames();

  const fetchAll: RunQuery = async ({ text, values, mark }, take) => {
    const name = nameOf(text);
    // the portal's name costs nothing, and leaves the text as it is, by which statements are prepared
    const named = { ...(name === undefined ? {} : { name }), ...(mark === undefined ? {} : { portal: mark }) };
    const config = { ...named, ...patience, text, values: [...values], rowMode: "array" as const, types: asText };
    const { rows } = await pool.query(config);
    for (const row of rows as (string | null)[][]) await take(row);
  };

  const fetchInParts: RunQuery = async ({ text, values, mark }, take) => {
    const client = await pool.connect();
    const marked = mark === undefined ? text : `/* ${mark} */ ${text}`;
    const cursor = client.query(new Cursor(marked, [...values], { rowMode: "array", types: asText }));
    try {
      for (;;) {
        const rows: (string | null)[][] = await inTime(cursor.read(mostAtOnce));
        for (const row of rows) await take(row);
        if (rows.length < mostAtOnce) break;
      }
      await inTime(cursor.close());
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  };

  return Object.freeze<HospitalDatabase>({
    run: (query, take) => (query.mostRows <= mostAtOnce ? fetchAll : fetchInParts)(query, take),
    probe: async () => void (await pool.query({ ...patience, text: "SELECT 1" })),
    close: () => pool.end(),
  });
}

/** Rejects if the database says nothing for long: it would have ended the statement before. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const silence = sleep(queryTimeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error("the hospital's database says nothing");
  });
  return Promise.race([work, silence]).finally(() => done.abort());
}

/**
 * Names the texts that come more than once, so that PostgreSQL plans each once a connection: planning is most of the work of a small query.
 */
function createNames(): (text: string) => string | undefined {
  let names = new Map<string, string | undefined>();
  return (text) => {
    if (names.has(text)) {
      const name = names.get(text) ?? createHash("sha256").update(text).digest("hex").slice(0, 40);
      names.set(text, name);
      return name;
    }
    if (names.size >= mostNames) names = new Map();
    names.set(text, undefined);
    return undefined;
  };
}
