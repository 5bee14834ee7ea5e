import type pg from "pg";
import type { EntryFilter } from "../../../server/api/entries.ts";
import { toHex, zeroHash } from "../../../server/domain/hash.ts";
import type { Address, AgreementId, ParticipantId } from "../../../server/domain/ids.ts";
import { sha256 } from "../../../server/domain/hash.ts";
import { createClient, createPool } from "../../../server/store/database.ts";
import { migrate } from "../../../server/store/migrate.ts";
import { readEntryCounts } from "../../../server/trail/counts.ts";
import { countPlaces, findPlaces, type Sought } from "../../../server/trail/findPlaces.ts";
import type { Here } from "../../../server/trail/scope.ts";
import { createDatabase } from "./journal.ts";
import { figure, quantile } from "./measure.ts";

const sizes = [1_000, 10_000, 100_000, 1_000_000] as const;
const runs = 40;
const page = 51;

/** Median milliseconds of each question at each size. */
export type SearchFigures = Readonly<Record<string, Readonly<Record<number, number>>>>;

const here: Here = { gateway: zeroHash as string as ParticipantId, hospital: zeroHash as string as ParticipantId };
const agreementOf = (number: number): AgreementId => toHex(sha256(Buffer.from(`agreement ${number}`)));
const base = Date.parse("2026-01-01T00:00:00Z");

const ask = (filter: EntryFilter, after?: number): Sought => ({
  filter,
  scope: undefined,
  here,
  ...(after === undefined ? {} : { after: { at: new Date(base + after * 1_000).toISOString(), index: after } }),
});

/** Measures searches over logs of growing size: 400 facets, one of which has three entries only. */
export async function measureSearch(storeUrl: string): Promise<SearchFigures> {
  const url = await createDatabase(storeUrl);
  const client = createClient(url, "datapact bench", "patient");
  await client.connect();
  await migrate(client);
  await makeFacets(client);
  const pool = createPool(url, "datapact bench", 2);
  const figures: Record<string, Record<number, number>> = {};
  let filled = 0;
  for (const size of sizes) {
    await fill(client, filled, size);
    filled = size;
    const half = Math.floor(size / 2);
    const questions: Readonly<Record<string, () => Promise<unknown>>> = {
      "newest page": () => readPage(client, ask({})),
      "page in the middle": () => readPage(client, ask({}, half)),
      "page of an agreement": () => readPage(client, ask({ agreement: agreementOf(3) }, half)),
      "page of an outcome": () => readPage(client, ask({ outcome: "Denied" }, half)),
      "three entries of all": () => readPage(client, ask({ outcome: "Failed" })),
      "page of an hour": () => readPage(client, ask({ outcome: "Denied", ...hourAround(half) })),
      "counts of a month": () =>
        readEntryCounts(pool, { by: "reason", from: "2026-01-01", until: "2026-01-30" }, regulator, here, base / 1_000),
    };
    for (const [name, question] of Object.entries(questions)) {
      figures[name] = { ...figures[name], [size]: await median(question) };
    }
  }
  await pool.end();
  await client.end();
  return figures;
}

const regulator = {
  participant: zeroHash as string as ParticipantId,
  name: "",
  roles: ["Regulator"],
  key: "0x" as Address,
  isDelegate: false,
  block: { number: 0, hash: zeroHash },
} as const;

const hourAround = (index: number) => ({
  from: new Date(base + index * 1_000 - 1_800_000).toISOString(),
  until: new Date(base + index * 1_000 + 1_800_000).toISOString(),
});

async function readPage(client: pg.ClientBase, sought: Sought): Promise<void> {
  const places = await findPlaces(client, sought, page);
  await client.query("SELECT index, body FROM datapact.entry WHERE index = ANY($1)", [
    places.map(({ index }) => index),
  ]);
  if (sought.filter.outcome === "Failed" && (await countPlaces(client, sought)) !== 3)
    throw new Error("there are not three");
}

async function median(question: () => Promise<unknown>): Promise<number> {
  const latencies: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    await question();
    latencies.push(performance.now() - startedAt);
  }
  return figure(quantile(latencies, 0.5));
}

async function makeFacets(client: pg.ClientBase): Promise<void> {
  const facets = Array.from({ length: 399 }, (_, i) => ({
    outcome: i % 4 === 0 ? "Denied" : "Permitted",
    reason: i % 4 === 0 ? "CohortTooSmall" : null,
    signer: `0x${String(i % 20).padStart(40, "0")}`,
    agreement: agreementOf(Math.floor(i / 4)),
  }));
  facets.push({ outcome: "Failed", reason: "QueryFailed", signer: "0x", agreement: agreementOf(0) });
  await client.query(
    `INSERT INTO datapact.entry_facet (kind, outcome, reason, signer, agreement, purpose)
     SELECT 'Usage', o, r, s, a, 'DUO:0000007' FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS t (o, r, s, a)`,
    [
      facets.map(({ outcome }) => outcome),
      facets.map(({ reason }) => reason),
      facets.map(({ signer }) => signer),
      facets.map(({ agreement }) => agreement),
    ],
  );
}

/** Entries from one index to another, a second apart, as long as real ones. */
async function fill(client: pg.ClientBase, from: number, to: number): Promise<void> {
  const at = "to_timestamp($3::float8 + i)";
  const facet = "CASE WHEN i IN (1, 10, 100) THEN 400 ELSE 1 + i % 399 END";
  const range = "generate_series($1::bigint, $2::bigint - 1) AS i";
  const values = [from, to, base / 1_000];
  await client.query(
    `INSERT INTO datapact.entry (index, digest, body, evidence)
     SELECT i, sha256(i::text::bytea), repeat('b', 700), '' FROM generate_series($1::bigint, $2::bigint - 1) AS i`,
    [from, to],
  );
  await client.query(
    `INSERT INTO datapact.entry_place (facet, at, index) SELECT ${facet}, ${at}, i FROM ${range}`,
    values,
  );
  await client.query(
    `INSERT INTO datapact.entry_count (day, facet, entries) SELECT (${at} AT TIME ZONE 'UTC')::date, ${facet}, count(*) FROM ${range}
     GROUP BY 1, 2 ON CONFLICT (day, facet) DO UPDATE SET entries = entry_count.entries + excluded.entries`,
    values,
  );
  await client.query("ANALYZE datapact.entry_place");
}
