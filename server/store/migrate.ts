import type pg from "pg";

/** The store's shape, one step a version. A step that has been released never changes; a new one is added below. */
const steps: readonly string[] = [
  `CREATE TABLE datapact.identity (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     gateway text NOT NULL,
     chain_id bigint NOT NULL,
     access_log text NOT NULL
   );
   CREATE TABLE datapact.entry (
     index bigint PRIMARY KEY,
     digest bytea NOT NULL CHECK (length(digest) = 32),
     request bytea NOT NULL CHECK (length(request) = 32),
     agreement bytea NOT NULL CHECK (length(agreement) = 32),
     lineage bytea CHECK (length(lineage) = 32),
     appended_at timestamptz NOT NULL DEFAULT now(),
     body text NOT NULL,
     evidence text NOT NULL
   );
   CREATE INDEX entry_request ON datapact.entry (request);
   CREATE INDEX entry_agreement ON datapact.entry (agreement, index);
   CREATE TABLE datapact.chain_transaction (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     block bigint NOT NULL,
     hash text NOT NULL UNIQUE,
     raw text NOT NULL
   );`,
  `CREATE TABLE datapact.chain_memory (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     seen bigint NOT NULL,
     number bigint NOT NULL,
     hash text NOT NULL
   );
   CREATE TABLE datapact.chain_acknowledgement (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     before_number bigint NOT NULL,
     before_hash text NOT NULL,
     number bigint NOT NULL,
     hash text NOT NULL,
     signature text NOT NULL,
     at timestamptz NOT NULL DEFAULT now()
   );
   CREATE TABLE datapact.outbox (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     nonce bigint NOT NULL,
     content text NOT NULL,
     fee numeric NOT NULL,
     tip numeric NOT NULL,
     raw text NOT NULL,
     hashes text[] NOT NULL
   );`,
];

/** Brings the store to the newest shape. Throws if a newer release has been here. */
export async function migrate(client: pg.Client): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('datapact.migrate'))");
    await client.query("CREATE SCHEMA IF NOT EXISTS datapact");
    await client.query("CREATE TABLE IF NOT EXISTS datapact.version (number integer NOT NULL)");
    const { rows } = await client.query<{ number: number }>("SELECT number FROM datapact.version");
    const version = rows[0]?.number ?? 0;
    if (version > steps.length)
      throw new Error(`the store has shape ${version}, this release knows ${steps.length}: use a newer one`);
    for (const step of steps.slice(version)) await client.query(step);
    await client.query("DELETE FROM datapact.version");
    await client.query("INSERT INTO datapact.version VALUES ($1)", [steps.length]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
