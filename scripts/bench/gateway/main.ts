import { governedSchema } from "../../../server/intake/names.ts";
import { datasetName, firstQuery } from "../../demo/story.ts";
import { measureAnchor } from "./anchor.ts";
import { measureDecide } from "./decide.ts";
import { measureAppend } from "./journal.ts";
import { postAll } from "./load.ts";
import { figure, type Load } from "./measure.ts";
import { help, type Part, readParts } from "./parts.ts";
import { measureProofs } from "./proofs.ts";
import { measureSearch } from "./search.ts";
import { measureLogs } from "./verify.ts";
import { createWorld, type World } from "./world.ts";

/** Prints a table, and in the last line one JSON object. Ratios tell more than figures. */

const newborns = Number(process.env.DATAPACT_BENCH_NEWBORNS ?? 20_000);
const trivialNewborns = 200;
/** How hard a statement is asked: enough at once to keep both sides busy, few enough that none waits for its turn too long. */
type Pace = { readonly count: number; readonly clients: number; readonly warmUp: number };
const heavy: Pace = { count: 120, clients: 4, warmUp: 12 };
const light: Pace = { count: 20_000, clients: 64, warmUp: 2_000 };

const row = (name: string, told: string): void => console.log(`${name.padEnd(34)} ${told}`);
const tell = ({ perSecond, p50, p99 }: Load): string => `${perSecond}/s, p50 ${p50} ms, p99 ${p99} ms`;

async function governed(world: World, statement: string, { count, clients, warmUp }: Pace): Promise<Load> {
  await postAll(world.gatewayUrl, world.sign(statement, warmUp), clients, '{"entry"');
  return postAll(world.gatewayUrl, world.sign(statement, count), clients, '{"entry"');
}

async function plain(world: World, statement: string, { count, clients, warmUp }: Pace): Promise<Load> {
  const body = JSON.stringify({ statement });
  await postAll(world.plainUrl, Array<string>(warmUp).fill(body), clients, '{"result"');
  return postAll(world.plainUrl, Array<string>(count).fill(body), clients, '{"result"');
}

/** The statement as a hospital's own analyst would write it: over the same views, under the row scope of the agreement. */
const schema = governedSchema(datasetName);
const ungovernedQuery = firstQuery.replace(
  "FROM bilirubin",
  `FROM "${schema}".bilirubin JOIN "${schema}".newborns USING (patient_id) WHERE gestational_age_weeks >= 35`,
);

type Figures = Record<string, unknown>;

async function decide(world: World): Promise<Figures> {
  const decide = await measureDecide(world);
  row("decide, warm", `p50 ${decide.warmP50} us, p99 ${decide.warmP99} us`);
  row("decide, under a new block", `p50 ${decide.coldP50} us, p99 ${decide.coldP99} us`);
  return { decide };
}

async function aggregate(world: World): Promise<Figures> {
  const without = await plain(world, ungovernedQuery, heavy);
  row("demo's aggregate, ungoverned", tell(without));
  const withIt = await governed(world, firstQuery, heavy);
  row("demo's aggregate, governed", tell(withIt));
  const ratio = figure(withIt.perSecond / without.perSecond);
  row("governed to ungoverned", String(ratio));
  return { aggregate: { governed: withIt, ungoverned: without, ratio } };
}

async function append(world: World): Promise<Figures> {
  const { journal, figures, stop } = await measureAppend(world.engines.storeUrl);
  row("entries appended", `${figures.perSecond}/s, p50 ${figures.p50} ms, p99 ${figures.p99} ms`);
  const anchoredPerSecond = await measureAnchor(world, journal);
  row("entries anchored", `${anchoredPerSecond}/s`);
  await stop();
  return { append: figures, anchoredPerSecond };
}

async function search(world: World): Promise<Figures> {
  const search = await measureSearch(world.engines.storeUrl);
  for (const [name, figures] of Object.entries(search))
    row(`search: ${name}`, `p50 ${Object.values(figures).join(", ")} ms at 10^3 to 10^6 entries`);
  return { search };
}

async function accesses(world: World): Promise<Figures> {
  const accesses = await governed(world, "SELECT count(*) FROM newborns", light);
  row("accesses with a trivial query", tell(accesses));
  const peakMemory = world.peakMemory();
  row("peak memory of the gateway", `${figure((peakMemory ?? Number.NaN) / 2 ** 20)} MiB`);
  return { accesses, peakMemory };
}

async function proofs(): Promise<Figures> {
  const proofs = await measureProofs();
  for (const { size, append, inclusion, consistency, verify, httpP50, httpP99 } of proofs)
    row(
      `proofs of ${size.toLocaleString("en")}`,
      `append ${append} us, inclusion ${inclusion} us, consistency ${consistency} us, verify ${verify} us; over HTTP p50 ${httpP50} ms, p99 ${httpP99} ms`,
    );
  const [small, large] = [proofs[0], proofs.at(-1)];
  if (small !== undefined && large !== undefined)
    row(
      "cost of a million to a thousand",
      `append ${figure(large.append / small.append)}, inclusion ${figure(large.inclusion / small.inclusion)}`,
    );
  return { proofs };
}

/** How many entries the largest log has that is verified whole; 1000000 takes minutes to be put on a chain first. */
const largestLog = Number(process.env.DATAPACT_BENCH_LOG ?? 40_000);

async function logs(): Promise<Figures> {
  const logs = await measureLogs([1_000, largestLog]);
  for (const { entries, seconds, reading, own, node } of logs)
    row(
      `log of ${entries.toLocaleString("en")} verified`,
      `${seconds} s from JSON-RPC alone, ${reading} s of it reading; of the processor ${own} s, and the chain's node ${node} s`,
    );
  return { logs };
}

/** Which parts share a space, and how many records it has. */
const inWorlds: readonly (readonly [number, Partial<Record<Part, (world: World) => Promise<Figures>>>])[] = [
  [newborns, { decide, aggregate, append, search }],
  [trivialNewborns, { accesses }],
];
const alone: Partial<Record<Part, () => Promise<Figures>>> = { proofs, logs };

async function measure(asked: ReadonlySet<Part>): Promise<Figures> {
  const found: Figures = {};
  const isAsked = ([name]: readonly [string, unknown]): boolean => asked.has(name as Part);
  for (const [records, parts] of inWorlds) {
    const those = Object.entries(parts).filter(isAsked);
    if (those.length === 0) continue;
    const world = await createWorld(records);
    try {
      for (const [, part] of those) Object.assign(found, await part(world));
    } finally {
      await world.stop();
    }
  }
  for (const [, part] of Object.entries(alone).filter(isAsked)) Object.assign(found, await part());
  return found;
}

const named = process.argv.slice(2);
if (named.includes("--help")) console.log(help);
else console.log(JSON.stringify(await measure(readParts(named))));
process.exit(0);
