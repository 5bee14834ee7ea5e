import { governedSchema } from "../../../server/intake/names.ts";
import { datasetName, firstQuery } from "../../demo/story.ts";
import { measureAnchor } from "./anchor.ts";
import { measureDecide } from "./decide.ts";
import { measureAppend } from "./journal.ts";
import { postAll } from "./load.ts";
import { figure, type Load } from "./measure.ts";
import { measureSearch } from "./search.ts";
import { measureProofs } from "./proofs.ts";
import { measureLogs } from "./verify.ts";
import { createWorld, type World } from "./world.ts";

/** Measures the gateway on this machine, load generator included: a table, and in the last line one JSON object. Ratios tell more than figures. */

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

async function onDemo(): Promise<Record<string, unknown>> {
  const world = await createWorld(newborns);
  try {
    const decide = await measureDecide(world);
    row("decide, warm", `p50 ${decide.warmP50} us, p99 ${decide.warmP99} us`);
    row("decide, under a new block", `p50 ${decide.coldP50} us, p99 ${decide.coldP99} us`);
    const without = await plain(world, ungovernedQuery, heavy);
    row("demo's aggregate, ungoverned", tell(without));
    const withIt = await governed(world, firstQuery, heavy);
    row("demo's aggregate, governed", tell(withIt));
    const ratio = figure(withIt.perSecond / without.perSecond);
    row("governed to ungoverned", String(ratio));
    const { journal, figures, stop } = await measureAppend(world.engines.storeUrl);
    row("entries appended", `${figures.perSecond}/s, p50 ${figures.p50} ms, p99 ${figures.p99} ms`);
    const anchored = await measureAnchor(world, journal);
    row("entries anchored", `${anchored}/s`);
    await stop();
    const search = await measureSearch(world.engines.storeUrl);
    for (const [name, figures] of Object.entries(search))
      row(`search: ${name}`, `p50 ${Object.values(figures).join(", ")} ms at 10^3 to 10^6 entries`);
    return {
      decide,
      search,
      aggregate: { governed: withIt, ungoverned: without, ratio },
      append: figures,
      anchoredPerSecond: anchored,
    };
  } finally {
    await world.stop();
  }
}

async function onTrivial(): Promise<Record<string, unknown>> {
  const world = await createWorld(trivialNewborns);
  try {
    const accesses = await governed(world, "SELECT count(*) FROM newborns", light);
    row("accesses with a trivial query", tell(accesses));
    const peakMemory = world.peakMemory();
    row("peak memory of the gateway", `${figure((peakMemory ?? Number.NaN) / 2 ** 20)} MiB`);
    return { accesses, peakMemory };
  } finally {
    await world.stop();
  }
}

/** How many entries the largest log has that is verified whole; 1000000 takes minutes to be put on a chain first. */
const largestLog = Number(process.env.DATAPACT_BENCH_LOG ?? 40_000);

async function onProofs(): Promise<Record<string, unknown>> {
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
  const logs = await measureLogs([1_000, largestLog]);
  for (const { entries, seconds, reading } of logs)
    row(
      `log of ${entries.toLocaleString("en")} verified`,
      `${seconds} s from JSON-RPC alone, ${reading} s of it reading`,
    );
  return { proofs, logs };
}

const demo = await onDemo();
const proven = await onProofs();
const trivial = await onTrivial();
console.log(JSON.stringify({ ...demo, ...proven, ...trivial }));
process.exit(0);
