import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { ClientBase } from "pg";
import { ReaderPasswordUnfit } from "./errors.ts";
import { quoteName } from "./names.ts";
import { inTransaction } from "./transaction.ts";

/** Names the login that runs consumers' queries in the database of this URL. Logins belong to a whole server, so each database has its own. */
export function readerOf(url: string): string {
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  const name = `datapact_reader_${database}`;
  return name.length <= 63
    ? name
    : `datapact_reader_${createHash("sha256").update(database).digest("hex").slice(0, 32)}`;
}

/** How long one statement of a consumer may run. */
export const statementTimeoutMs = 10_000;

export type ReaderOptions = {
  readonly role: string;
  /** Printable ASCII. PostgreSQL is sent a SCRAM verifier of it, so it stands in no server log. */
  readonly password: string;
  readonly statementTimeoutMs: number;
};

/**
 * Makes the reader's login, or sets an existing one right: it may connect to this database and nothing else, owns nothing, belongs to no
 * other role, and every transaction of it is read-only. Also takes from PUBLIC what would let any login in: the schema `public`, temporary
 * tables and large objects.
 */
export async function ensureReader(client: ClientBase, options: ReaderOptions): Promise<void> {
  await inTransaction(client, `set up the login ${options.role}`, async () => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('datapact reader', 0))");
    const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [options.role]);
    const role = quoteName(options.role);
    if (rowCount === 0) await client.query(`CREATE ROLE ${role}`);
    await client.query(
      `ALTER ROLE ${role} LOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD '${scramVerifier(options.password)}'`,
    );
    await client.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await client.query(`ALTER ROLE ${role} SET statement_timeout = ${Math.trunc(options.statementTimeoutMs)}`);
    for (const limit of limits) await client.query(`ALTER ROLE ${role} SET ${limit}`);
    await limitFiles(client, role);
    await leaveRoles(client, options.role);
    await confineToDatabase(client, role);
  });
}

/** What one statement of a consumer may take. One process each: sums do not depend on how work was shared, and others are served. */
export const limits = ["work_mem = '32MB'", "max_parallel_workers_per_gather = 0", "jit = off"];

/** Bounds the files that one statement spills to, where this administrator may. */
async function limitFiles(client: ClientBase, role: string): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(
    "SELECT rolsuper AS may FROM pg_roles WHERE rolname = current_user",
  );
  if (rows[0]?.may === true) await client.query(`ALTER ROLE ${role} SET temp_file_limit = '1GB'`);
}

async function leaveRoles(client: ClientBase, role: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT DISTINCT roleid::regrole::text AS name FROM pg_auth_members WHERE member = $1::regrole",
    [quoteName(role)],
  );
  for (const { name } of rows) await client.query(`REVOKE ${name} FROM ${quoteName(role)}`);
}

async function confineToDatabase(client: ClientBase, role: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
  const database = quoteName(rows[0]?.name ?? "");
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM ${role}`);
  await client.query(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
  await client.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC, ${role}`);
  await closeLargeObjects(client);
}

/** A read-only transaction may write large objects before PostgreSQL 16: take their functions from PUBLIC. */
async function closeLargeObjects(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT oid::regprocedure::text AS name FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^lo(_|read$|write$)'`,
  );
  for (const { name } of rows) await client.query(`REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC`);
}

/** A password as PostgreSQL stores it (RFC 5803): what is sent stands in no server log as it is. */
export function scramVerifier(password: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(password)) throw new ReaderPasswordUnfit(password.length);
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 4_096, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$4096:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}
