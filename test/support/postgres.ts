import { randomBytes } from "node:crypto";
import pg from "pg";
import { readerOf } from "../../server/intake/reader.ts";

export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/** Creates an empty database on the test server. Its `url` is the superuser's. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env.DATAPACT_TEST_POSTGRES;
  if (server === undefined)
    throw new Error("DATAPACT_TEST_POSTGRES is unset: run the tests through vitest's global setup");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runOnServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const drop = async (): Promise<void> => {
    await runOnServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await runOnServer(server, `DROP ROLE IF EXISTS ${readerOf(url.href)}`);
  };
  return { url: url.href, drop };
}

async function runOnServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
