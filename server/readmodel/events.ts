import type pg from "pg";
import type { z } from "zod";
import type { eventPage, eventQuery, eventSchema, headPage, headQuery } from "../api/events.ts";
import type { PlainArguments } from "../chain/plainEvent.ts";
import { equals, inSnapshot, readPage } from "./page.ts";
import { toNamed } from "./participants.ts";
import { toTime } from "./time.ts";

type Row = {
  readonly block: string;
  readonly log_index: number;
  readonly contract: string;
  readonly name: string;
  readonly subject: string;
  readonly args: PlainArguments;
  readonly transaction: string;
  readonly time: string;
  readonly actor: string | null;
  readonly actor_name: string | null;
};

/** Who did it: the members of our events that name a participant who acts. A replacement's `by` is an agreement. */
const actor = "CASE WHEN v.name = 'AgreementReplaced' THEN NULL ELSE coalesce(v.args->>'by', v.args->>'signer') END";

const select = `SELECT v.*, b.time, ${actor} AS actor, p.name AS actor_name
  FROM datapact.chain_event v JOIN datapact.chain_block b ON b.number = v.block
  LEFT JOIN datapact.participant p ON p.id = ${actor}`;

/** Lists what happened to one participant, dataset or agreement, newest first; undefined if the chain knows it not. */
export function listEvents(
  pool: pg.Pool,
  subject: string,
  asked: z.output<typeof eventQuery>,
): Promise<z.output<typeof eventPage> | undefined> {
  return inSnapshot(pool, async (client, asOf) => {
    const { rowCount } = await client.query("SELECT FROM datapact.chain_event WHERE subject = $1 LIMIT 1", [subject]);
    if (rowCount === 0) return undefined;
    return readPage<Row, z.output<typeof eventSchema>>(client, asOf, asked, {
      select,
      alias: "v",
      order: "DESC",
      conditions: [equals("v.subject", subject)],
      toItem: toEvent,
    });
  });
}

/** The first events about a subject, oldest first, without those of one name. */
export async function listFirstEvents(
  client: pg.ClientBase,
  subject: string,
  without: string,
  most: number,
): Promise<z.output<typeof eventSchema>[]> {
  const { rows } = await client.query<Row>(
    `${select} WHERE v.subject = $1 AND v.name <> $2 ORDER BY v.block, v.log_index LIMIT ${most}`,
    [subject, without],
  );
  return rows.map(toEvent);
}

function toEvent(row: Row): z.output<typeof eventSchema> {
  return {
    contract: row.contract,
    name: row.name,
    block: Number(row.block),
    time: toTime(row.time),
    transaction: row.transaction,
    logIndex: row.log_index,
    actor: row.actor === null ? null : toNamed(row.actor, row.actor_name),
    args: row.args,
  } as z.output<typeof eventSchema>;
}

/** Lists the heads of logs on chain, newest first; of all gateways or one. */
export function listHeads(pool: pg.Pool, asked: z.output<typeof headQuery>): Promise<z.output<typeof headPage>> {
  return inSnapshot(pool, (client, asOf) =>
    readPage<Row, z.output<typeof headPage>["items"][number]>(client, asOf, asked, {
      select: select.replace(actor, "NULL").replace(`p.id = ${actor}`, "p.id = v.subject"),
      alias: "v",
      order: "DESC",
      conditions: [equals("v.name", "EntriesAppended"), equals("v.subject", asked.gateway)],
      toItem: ({ subject, actor_name, args, block, time, transaction }) =>
        ({
          gateway: toNamed(subject, actor_name),
          start: Number(args.start),
          size: Number(args.size),
          root: args.root,
          block: Number(block),
          time: toTime(time),
          transaction,
        }) as z.output<typeof headPage>["items"][number],
    }),
  );
}
