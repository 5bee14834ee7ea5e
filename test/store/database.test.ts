import { afterAll, beforeAll, expect, it } from "vitest";
import { createPool } from "../../server/store/database.ts";
import { createDatabase } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

let wire: TcpProxy;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await createDatabase();
  drop = database.drop;
  wire = await startTcpProxy(database.url);
});
afterAll(async () => {
  await wire.stop();
  await drop();
});

it("a connection that is lost while it is held and not asked ends nothing but itself", async () => {
  const pool = createPool(wire.url, "test", 2);
  const held = await pool.connect();
  const ended = new Promise((resolve) => held.once("end", resolve));
  wire.cut();
  await ended;
  await expect(held.query("SELECT 1")).rejects.toThrow();
  held.release(true);
  expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
