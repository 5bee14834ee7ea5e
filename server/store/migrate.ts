import type pg from "pg";

/** The store's shape, one step a version. A step that has been released never changes; a new one is added below. */
export const steps: readonly string[] = [
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
  `CREATE TABLE datapact.follow_position (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     projection integer NOT NULL,
     number bigint NOT NULL,
     hash text NOT NULL,
     time bigint NOT NULL
   );
   CREATE TABLE datapact.chain_block (number bigint PRIMARY KEY, hash text NOT NULL, time bigint NOT NULL);
   CREATE TABLE datapact.chain_event (
     block bigint NOT NULL REFERENCES datapact.chain_block ON DELETE CASCADE,
     log_index integer NOT NULL,
     contract text NOT NULL,
     name text NOT NULL,
     subject text NOT NULL,
     args jsonb NOT NULL,
     transaction text NOT NULL,
     PRIMARY KEY (block, log_index)
   );
   CREATE INDEX chain_event_subject ON datapact.chain_event (subject, block, log_index);
   CREATE INDEX chain_event_name ON datapact.chain_event (subject, name, block, log_index);
   CREATE INDEX chain_event_kind ON datapact.chain_event (name, block, log_index);
   CREATE TABLE datapact.participant (
     id text PRIMARY KEY,
     block bigint NOT NULL,
     log_index integer NOT NULL,
     registration_number text NOT NULL,
     name text NOT NULL,
     roles text[] NOT NULL,
     hospital text,
     key text NOT NULL,
     keys jsonb NOT NULL,
     admitted_at bigint NOT NULL,
     suspended_at bigint
   );
   CREATE TABLE datapact.dataset (
     id text PRIMARY KEY,
     block bigint NOT NULL,
     log_index integer NOT NULL,
     holder text NOT NULL,
     name text NOT NULL,
     revision integer NOT NULL,
     description_hash text NOT NULL,
     description jsonb NOT NULL,
     rules jsonb NOT NULL,
     registered_at bigint NOT NULL,
     suspended_by_holder_at bigint,
     suspended_by_regulator_at bigint,
     retired_at bigint
   );
   CREATE TABLE datapact.agreement (
     id text PRIMARY KEY,
     block bigint NOT NULL,
     log_index integer NOT NULL,
     terms jsonb NOT NULL,
     policy text NOT NULL,
     assigner text NOT NULL,
     assignee text NOT NULL,
     dataset text NOT NULL,
     valid_from bigint NOT NULL,
     valid_until bigint NOT NULL,
     lineage text NOT NULL,
     signatures jsonb NOT NULL,
     offered_at bigint NOT NULL,
     finalized_at bigint,
     terminated_at bigint,
     suspended_by_assigner_at bigint,
     suspended_by_assignee_at bigint,
     suspended_by_regulator_at bigint,
     replaced_by text
   );
   CREATE INDEX agreement_order ON datapact.agreement (block DESC, log_index DESC);
   CREATE INDEX agreement_lineage ON datapact.agreement (lineage);
   CREATE INDEX agreement_assigner ON datapact.agreement (assigner);
   CREATE INDEX agreement_assignee ON datapact.agreement (assignee);
   CREATE INDEX agreement_dataset ON datapact.agreement (dataset);
   CREATE TABLE datapact.entry_count (
     day date NOT NULL,
     outcome text NOT NULL,
     reason text NOT NULL,
     entries bigint NOT NULL,
     PRIMARY KEY (day, outcome, reason)
   );
   CREATE TABLE datapact.entry_counted (singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), size bigint NOT NULL);`,
  "ALTER TABLE datapact.entry ALTER COLUMN request DROP NOT NULL, ALTER COLUMN agreement DROP NOT NULL;",
  `CREATE TABLE datapact.session (
     token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
     form text NOT NULL,
     key text NOT NULL,
     participant text NOT NULL,
     opened_at bigint NOT NULL,
     used_at bigint NOT NULL
   );
   CREATE INDEX session_key ON datapact.session (key, opened_at);
   CREATE TABLE datapact.sign_in_nonce (nonce text PRIMARY KEY, expires_at bigint NOT NULL);`,
  `CREATE TABLE datapact.promise (
     start bigint PRIMARY KEY,
     count integer NOT NULL CHECK (count > 0),
     issued_at bigint NOT NULL,
     deadline bigint NOT NULL,
     signature bytea NOT NULL CHECK (length(signature) = 65)
   );`,
  `DROP TABLE datapact.entry_count;
   DROP TABLE datapact.entry_counted;
   CREATE TABLE datapact.entry_facet (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     kind text NOT NULL,
     act text,
     outcome text,
     reason text,
     signer text,
     agreement text,
     purpose text,
     UNIQUE NULLS NOT DISTINCT (kind, act, outcome, reason, signer, agreement, purpose)
   );
   CREATE INDEX entry_facet_signer ON datapact.entry_facet (signer);
   CREATE INDEX entry_facet_agreement ON datapact.entry_facet (agreement);
   CREATE TABLE datapact.entry_place (
     facet integer NOT NULL REFERENCES datapact.entry_facet,
     at timestamptz NOT NULL,
     index bigint NOT NULL,
     PRIMARY KEY (facet, at, index)
   );
   CREATE INDEX entry_place_order ON datapact.entry_place (at, index);
   CREATE TABLE datapact.entry_count (day date NOT NULL, facet integer NOT NULL, entries bigint NOT NULL, PRIMARY KEY (day, facet));
   CREATE TABLE datapact.entry_indexed (singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), size bigint NOT NULL);
   INSERT INTO datapact.entry_indexed (size) VALUES (0);`,
  `CREATE TABLE datapact.finding (
     digest text PRIMARY KEY,
     finding text NOT NULL,
     revision integer NOT NULL,
     index bigint NOT NULL UNIQUE,
     author text NOT NULL,
     severity text NOT NULL,
     state text NOT NULL,
     text text NOT NULL,
     entries bigint[] NOT NULL,
     at bigint NOT NULL,
     signed jsonb NOT NULL,
     newest boolean NOT NULL,
     UNIQUE (finding, revision)
   );
   CREATE INDEX finding_newest ON datapact.finding (index DESC) WHERE newest;
   CREATE INDEX finding_entries ON datapact.finding USING gin (entries);`,
  `CREATE TABLE datapact.entry_unknown (name text NOT NULL, index bigint NOT NULL, PRIMARY KEY (name, index));
   INSERT INTO datapact.entry_unknown SELECT e.body::jsonb->>'signer', e.index
     FROM datapact.entry_facet f JOIN datapact.entry_place p ON p.facet = f.id JOIN datapact.entry e ON e.index = p.index
     WHERE f.kind = 'Usage' AND f.signer IS NULL;
   INSERT INTO datapact.entry_unknown SELECT e.body::jsonb->>'agreement', e.index
     FROM datapact.entry_facet f JOIN datapact.entry_place p ON p.facet = f.id JOIN datapact.entry e ON e.index = p.index
     WHERE f.kind = 'Usage' AND f.agreement IS NULL;`,
  "CREATE INDEX entry_digest ON datapact.entry USING hash (digest);",
  `DROP TABLE datapact.chain_transaction;
   CREATE TABLE datapact.kept_block (
     number bigint PRIMARY KEY,
     hash text NOT NULL,
     time bigint NOT NULL,
     transactions text[] NOT NULL
   );`,
  `CREATE TABLE datapact.settings (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     settings text NOT NULL,
     seal bytea NOT NULL CHECK (length(seal) = 32)
   );`,
];

/**
 * Brings the store to the newest shape, all at once or not at all. Throws if a newer release has been here.
 * @param known The steps that this release knows.
 */
export async function migrate(client: Pick<pg.Client, "query">, known: readonly string[] = steps): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('datapact.migrate'))");
    await client.query("CREATE SCHEMA IF NOT EXISTS datapact");
    await client.query("CREATE TABLE IF NOT EXISTS datapact.version (number integer NOT NULL)");
    const { rows } = await client.query<{ number: number }>("SELECT number FROM datapact.version");
    const version = rows[0]?.number ?? 0;
    if (version > known.length)
      throw new Error(`the store has shape ${version}, this release knows ${known.length}: use a newer one`);
    for (const step of known.slice(version)) await client.query(step);
    await client.query("DELETE FROM datapact.version");
    await client.query("INSERT INTO datapact.version VALUES ($1)", [known.length]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
