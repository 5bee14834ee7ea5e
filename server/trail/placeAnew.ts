import type pg from "pg";
import type { Entry } from "../domain/entry.ts";
import { placeEntries } from "./placeEntries.ts";

const mostAtOnce = 1_000;

/**
 * Places entries anew that name a key or an agreement of which the chain has told since: whenever an entry is indexed, it is found by the
 * same. Gives whether none is left to be placed.
 * @param facetIds What ids are known of facets; those that are learned are added.
 */
export async function placeAnew(client: pg.ClientBase, facetIds: Map<string, number>): Promise<boolean> {
  const { rows: learnt } = await client.query<{ index: string }>(
    `DELETE FROM datapact.entry_unknown WHERE (name, index) IN (
       SELECT u.name, u.index FROM datapact.entry_unknown u JOIN (
         SELECT k->>'key' AS name FROM datapact.participant, jsonb_array_elements(keys) k
         UNION SELECT id FROM datapact.agreement) known USING (name) LIMIT ${mostAtOnce})
     RETURNING index`,
  );
  if (learnt.length === 0) return true;
  const { rows } = await client.query<{ index: string; body: string }>(
    `WITH meant AS (SELECT index, body, (body::jsonb->>'time')::timestamptz AS at FROM datapact.entry WHERE index = ANY($1)),
     taken AS (DELETE FROM datapact.entry_place p USING meant m WHERE p.at = m.at AND p.index = m.index RETURNING p.facet, p.at, p.index),
     less AS (UPDATE datapact.entry_count c SET entries = c.entries - t.entries
       FROM (SELECT (at AT TIME ZONE 'UTC')::date AS day, facet, count(*) AS entries FROM taken GROUP BY 1, 2) t
       WHERE c.day = t.day AND c.facet = t.facet)
     SELECT index, body FROM taken JOIN meant USING (index) ORDER BY index`,
    [learnt.map(({ index }) => index)],
  );
  await client.query("DELETE FROM datapact.entry_count WHERE entries = 0");
  const entries = rows.map(({ index, body }) => ({ index: Number(index), entry: JSON.parse(body) as Entry }));
  await placeEntries(client, entries, facetIds);
  return learnt.length < mostAtOnce;
}
