import type pg from "pg";
import type { GovernedName } from "./mentions.ts";

/**
 * All relations of a hospital's database that hold governed data or show it, from those of the datasets' own schemas on: the tables
 * that they read, every view that reads one of these, in turn, and every function that names one.
 */
export async function readGovernedNames(client: pg.ClientBase): Promise<GovernedName[]> {
  const { rows } = await client.query<GovernedName>(
    `WITH RECURSIVE reads AS (
       SELECT DISTINCT w.ev_class AS reader, d.refobjid AS read FROM pg_rewrite w JOIN pg_depend d
         ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
     ), down AS (
       SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname ~ '^(governed|data)_' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       UNION SELECT r.read FROM reads r JOIN down ON down.oid = r.reader
     ), up AS (
       SELECT oid FROM down UNION SELECT r.reader FROM reads r JOIN up ON up.oid = r.read
     ), relations AS (
       SELECT n.nspname AS schema, c.relname AS name FROM up JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
     )
     SELECT schema, name FROM relations
     UNION SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND EXISTS (SELECT FROM relations r WHERE p.prosrc ~* ('\\m' || regexp_replace(r.name, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M'))
     ORDER BY 1, 2`,
  );
  return rows;
}
