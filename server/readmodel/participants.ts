import type pg from "pg";
import type { z } from "zod";
import type { Named } from "../api/page.ts";
import type { participantPage, participantQuery, participantSchema } from "../api/participants.ts";
import { holdsText, inSnapshot, readPage, writeAsOf } from "./page.ts";
import type { ParticipantRow } from "./participantRow.ts";
import { toTime, toTimeOrNull } from "./time.ts";

type Row = Omit<ParticipantRow, "block"> & {
  readonly block: string;
  readonly hospital_name: string | null;
  readonly log: { readonly size: string; readonly root: string } | null;
  readonly breach: { readonly name: string; readonly index: string } | null;
};

const select = `SELECT p.*, h.name AS hospital_name, log.args AS log, breach.fact AS breach
  FROM datapact.participant p LEFT JOIN datapact.participant h ON h.id = p.hospital
  LEFT JOIN LATERAL (SELECT args FROM datapact.chain_event WHERE subject = p.id AND name = 'EntriesAppended'
    ORDER BY block DESC, log_index DESC LIMIT 1) log ON p.hospital IS NOT NULL
  LEFT JOIN LATERAL (SELECT jsonb_build_object('name', name, 'index', args->>'index') AS fact FROM datapact.chain_event
    WHERE subject = p.id AND name IN ('PromiseBroken', 'BreachAcknowledged')
    ORDER BY block DESC, log_index DESC LIMIT 1) breach ON p.hospital IS NOT NULL`;

/** Lists participants in order of admission. */
export function listParticipants(
  pool: pg.Pool,
  asked: z.output<typeof participantQuery>,
): Promise<z.output<typeof participantPage>> {
  return inSnapshot(pool, (client, asOf) =>
    readPage<Row, z.output<typeof participantSchema>>(client, asOf, asked, {
      select,
      alias: "p",
      order: "ASC",
      conditions: [
        asked.role === undefined ? undefined : { sql: "$ = ANY(p.roles)", value: asked.role },
        holdsText(["p.name", "p.registration_number"], asked.text),
      ],
      toItem,
    }),
  );
}

/** Reads one participant; undefined if the chain knows none. */
export function readParticipant(pool: pg.Pool, id: string) {
  return inSnapshot(pool, async (client, asOf) => {
    const { rows } = await client.query<Row>(`${select} WHERE p.id = $1`, [id]);
    const [row] = rows;
    return row && { asOf: writeAsOf(asOf), participant: toItem(row) };
  });
}

function toItem(row: Row): z.output<typeof participantSchema> {
  const { id, registration_number: registrationNumber, name, roles, key, suspended_at: suspendedAt } = row;
  return {
    id,
    registrationNumber,
    name,
    roles,
    status: suspendedAt === null ? "Active" : "Suspended",
    hospital: row.hospital === null ? null : toNamed(row.hospital, row.hospital_name),
    key,
    keys: row.keys.map(({ from, until, ...known }) => ({ ...known, from: toTime(from), until: toTimeOrNull(until) })),
    admittedAt: toTime(row.admitted_at),
    suspendedAt: toTimeOrNull(suspendedAt),
    log: row.log && {
      size: Number(row.log.size),
      root: row.log.root,
      breachedIndex: row.breach?.name === "PromiseBroken" ? Number(row.breach.index) : null,
    },
  } as z.output<typeof participantSchema>;
}

/** An id with its name, which is the id again where the chain tells none. */
export function toNamed(id: string, name: string | null): Named {
  return { id, name: name ?? id } as Named;
}
