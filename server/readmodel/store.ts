import type pg from "pg";
import type { BlockEvents } from "../chain/blocks.ts";
import type { Head } from "../chain/head.ts";
import type { Hash } from "../domain/ids.ts";
import { requireNoGap } from "./gaps.ts";
import { readPosition, wipe, writePosition } from "./position.ts";
import { project, touchedBy } from "./project.ts";
import { flatten, type ProjectedEvent } from "./projectedEvent.ts";

/** Thrown when another process moved the position: two follow into one store. */
export class PositionMoved extends Error {
  override readonly name = "PositionMoved";
}

/** The events of the chain and what they amount to, in the gateway's store. */
export type ReadModelStore = {
  readonly position: () => Promise<Head | undefined>;
  /** Takes in blocks that follow the position, all of them or none. Throws `RangeUnsound` if they leave a gap. */
  readonly advance: (from: Head | undefined, blocks: readonly BlockEvents[]) => Promise<void>;
  /** Newest blocks that the store knows below `number`, newest first, `most` at a time. */
  readonly blocksBelow: (number: number, most: number) => Promise<Head[]>;
  /** Forgets all that came after this block, which becomes the position. */
  readonly rollBack: (to: Head) => Promise<void>;
  readonly wipe: () => Promise<void>;
};

/** How many blocks without events are kept below the position, so that a reorganisation needs few reads. */
const keptBlocks = 1_000;
const mostAtOnce = 5_000;

export function createReadModelStore(pool: pg.Pool): ReadModelStore {
  const inTransaction = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      client.release();
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined);
      client.release(error instanceof Error && "severity" in error ? undefined : true);
      throw error;
    }
  };

  return Object.freeze<ReadModelStore>({
    position: () => readPosition(pool),
    advance: (from, blocks) =>
      inTransaction(async (client) => {
        await client.query("LOCK TABLE datapact.follow_position IN SHARE ROW EXCLUSIVE MODE");
        const standing = await readPosition(client);
        if (standing?.hash !== from?.hash) throw new PositionMoved("another process follows the chain into this store");
        if (standing === undefined) await wipe(client);
        const events = flatten(blocks);
        await requireNoGap(client, events);
        await insertBlocks(client, blocks);
        for (let at = 0; at < events.length; at += mostAtOnce)
          await insertEvents(client, events.slice(at, at + mostAtOnce));
        await project(client, touchedBy(events));
        const last = blocks.at(-1);
        if (last !== undefined) await writePosition(client, last);
        if (last !== undefined) await forgetBlocks(client, last.number - keptBlocks);
      }),
    blocksBelow: async (number, most) => {
      const { rows } = await pool.query<{ number: string; hash: Hash; time: string }>(
        "SELECT number, hash, time FROM datapact.chain_block WHERE number < $1 ORDER BY number DESC LIMIT $2",
        [number, most],
      );
      return rows.map((row) => ({ number: Number(row.number), hash: row.hash, time: Number(row.time) }));
    },
    rollBack: (to) =>
      inTransaction(async (client) => {
        const { rows } = await client.query<Pick<ProjectedEvent, "contract" | "name" | "subject">>(
          "DELETE FROM datapact.chain_event WHERE block > $1 RETURNING contract, name, subject",
          [to.number],
        );
        await client.query("DELETE FROM datapact.chain_block WHERE number > $1", [to.number]);
        await project(client, touchedBy(rows));
        await writePosition(client, to);
      }),
    wipe: () => wipe(pool),
  });
}

async function insertBlocks(client: pg.ClientBase, blocks: readonly BlockEvents[]): Promise<void> {
  const kept = blocks.filter((block, at) => block.events.length > 0 || at === blocks.length - 1);
  await client.query(
    "INSERT INTO datapact.chain_block (number, hash, time) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])",
    [kept.map(({ number }) => number), kept.map(({ hash }) => hash), kept.map(({ time }) => time)],
  );
}

async function insertEvents(client: pg.ClientBase, events: readonly ProjectedEvent[]): Promise<void> {
  await client.query(
    `INSERT INTO datapact.chain_event (block, log_index, contract, name, subject, args, transaction)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[])`,
    [
      events.map(({ block }) => block),
      events.map(({ logIndex }) => logIndex),
      events.map(({ contract }) => contract),
      events.map(({ name }) => name),
      events.map(({ subject }) => subject),
      events.map(({ args }) => JSON.stringify(args)),
      events.map(({ transaction }) => transaction),
    ],
  );
}

/** Takes away blocks without events that have become old; only a window of them is looked at each time. */
async function forgetBlocks(client: pg.ClientBase, below: number): Promise<void> {
  await client.query(
    `DELETE FROM datapact.chain_block b WHERE b.number < $1 AND b.number >= $1 - 5000
     AND NOT EXISTS (SELECT FROM datapact.chain_event e WHERE e.block = b.number)`,
    [below],
  );
}
