import pg from "pg";
import { expect, it } from "vitest";
import { createDatabase } from "./postgres.ts";

it("gives each test a database of its own that writes durably", async () => {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT current_setting('fsync') || current_setting('synchronous_commit') AS durable",
  );
  await client.end();
  await database.drop();
  expect(rows).toEqual([{ durable: "onon" }]);
});
