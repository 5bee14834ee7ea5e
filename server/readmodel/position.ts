import type pg from "pg";
import type { Head } from "../chain/head.ts";
import type { Hash } from "../domain/ids.ts";

/** Rises whenever rows come to be made in another way: a store that an older release filled is filled anew. */
const projection = 1;

/** Up to which block the store holds the events; undefined if it holds none, or what it holds was made by another release. */
export async function readPosition(client: pg.ClientBase | pg.Pool): Promise<Head | undefined> {
  const { rows } = await client.query<{ number: string; hash: Hash; time: string }>(
    "SELECT number, hash, time FROM datapact.follow_position WHERE projection = $1",
    [projection],
  );
  const [found] = rows;
  return found && { number: Number(found.number), hash: found.hash, time: Number(found.time) };
}

/** Notes the position; inside the transaction that wrote its events. */
export async function writePosition(client: pg.ClientBase, { number, hash, time }: Head): Promise<void> {
  await client.query(
    `INSERT INTO datapact.follow_position (projection, number, hash, time) VALUES ($1, $2, $3, $4)
     ON CONFLICT (singleton) DO UPDATE SET projection = $1, number = $2, hash = $3, time = $4`,
    [projection, number, hash, time],
  );
}

const tables = ["chain_event", "chain_block", "participant", "dataset", "agreement", "follow_position"];

/** Forgets everything that the chain told; it can be read again. Who reads meanwhile sees all of it or nothing. */
export async function wipe(client: pg.ClientBase | pg.Pool): Promise<void> {
  await client.query(tables.map((table) => `DELETE FROM datapact.${table}`).join(";"));
}
