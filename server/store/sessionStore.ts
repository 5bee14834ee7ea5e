import type pg from "pg";
import type { Address, ParticipantId } from "../domain/ids.ts";

/** How a session's token travels. One form is never taken for the other. */
export type SessionForm = "cookie" | "bearer";

/** A session as it stands in the store: of its token only the hash. Times are unix seconds. */
export type SessionRow = {
  readonly tokenHash: Buffer;
  readonly form: SessionForm;
  readonly key: Address;
  readonly participant: ParticipantId;
  readonly openedAt: number;
  readonly usedAt: number;
};

export type SessionStore = {
  /** Uses up the nonce and keeps the session, both or none; false if the nonce was used before. */
  readonly open: (row: SessionRow, nonce: string, nonceExpiresAt: number) => Promise<boolean>;
  readonly find: (tokenHash: Buffer) => Promise<SessionRow | undefined>;
  readonly touch: (tokenHash: Buffer, usedAt: number) => Promise<void>;
  readonly end: (tokenHash: Buffer) => Promise<void>;
  /** Forgets sessions that were opened before one time or not used since another, and nonces that have ended. */
  readonly forget: (openedBefore: number, usedBefore: number, now: number) => Promise<void>;
};

/** Sessions of one key; the oldest gives way. */
const mostOfOneKey = 20;

type Row = {
  readonly token_hash: Buffer;
  readonly form: SessionForm;
  readonly key: Address;
  readonly participant: ParticipantId;
  readonly opened_at: string;
  readonly used_at: string;
};

export function createSessionStore(pool: pg.Pool): SessionStore {
  return Object.freeze<SessionStore>({
    open: async ({ tokenHash, form, key, participant, openedAt, usedAt }, nonce, nonceExpiresAt) => {
      const { rowCount } = await pool.query(
        `WITH used AS (INSERT INTO datapact.sign_in_nonce (nonce, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING nonce),
         full_up AS (DELETE FROM datapact.session WHERE EXISTS (SELECT FROM used) AND token_hash IN
           (SELECT token_hash FROM datapact.session WHERE key = $5 ORDER BY opened_at DESC, token_hash OFFSET ${mostOfOneKey - 1}))
         INSERT INTO datapact.session (token_hash, form, key, participant, opened_at, used_at)
         SELECT $3::bytea, $4::text, $5::text, $6::text, $7::bigint, $8::bigint FROM used`,
        [nonce, nonceExpiresAt, tokenHash, form, key, participant, openedAt, usedAt],
      );
      return rowCount === 1;
    },
    find: async (tokenHash) => {
      const { rows } = await pool.query<Row>("SELECT * FROM datapact.session WHERE token_hash = $1", [tokenHash]);
      return rows[0] && toSession(rows[0]);
    },
    touch: async (tokenHash, usedAt) => {
      await pool.query("UPDATE datapact.session SET used_at = $2 WHERE token_hash = $1", [tokenHash, usedAt]);
    },
    end: async (tokenHash) => {
      await pool.query("DELETE FROM datapact.session WHERE token_hash = $1", [tokenHash]);
    },
    forget: async (openedBefore, usedBefore, now) => {
      await pool.query("DELETE FROM datapact.session WHERE opened_at < $1 OR used_at < $2", [openedBefore, usedBefore]);
      await pool.query("DELETE FROM datapact.sign_in_nonce WHERE expires_at < $1", [now]);
    },
  });
}

function toSession({ token_hash: tokenHash, opened_at, used_at, ...row }: Row): SessionRow {
  return { ...row, tokenHash, openedAt: Number(opened_at), usedAt: Number(used_at) };
}
