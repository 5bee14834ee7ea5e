import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import type { SignedRequest } from "../../server/domain/usageRequest.ts";
import { createWorld } from "../bench/gateway/world.ts";

/**
 * Suspends an agreement at random moments of running queries, and looks at every answer. `DATAPACT_SUSPENSIONS` says how often (1,000 by
 * default). Ends with one JSON line; exit code 0 only if the gateway refused within 100 ms of each suspension, and released nothing after.
 */
const suspensions = Number(process.env.DATAPACT_SUSPENSIONS ?? 1_000);
const clients = 8;
const mostMs = 100;

type Answer = { readonly time: number; readonly block: number; readonly isPermitted: boolean };

const world = await createWorld(200);
const { space, wallet } = world.founded;
const client = createClient(new URL("/", world.gatewayUrl).href);
let answers: Answer[] = [];
let loading = true;

async function load(): Promise<void> {
  while (loading) {
    const [signed = ""] = world.sign("SELECT count(*) FROM newborns", 1);
    const answered = await client.use(JSON.parse(signed) as SignedRequest).catch(ignoreClosedSocket);
    if (answered === undefined) continue;
    const { entry, ...answer } = answered;
    if ("code" in answer && answer.code !== "AgreementSuspended") throw new Error(`refused: ${answer.code}`);
    answers.push({
      time: Date.parse(entry.time),
      block: entry.block?.number ?? 0,
      isPermitted: "result" in answer,
    });
  }
}

/** A kept connection that the gateway closed just then: nothing was asked. */
function ignoreClosedSocket(error: unknown): undefined {
  if (!(error instanceof TypeError)) throw error;
}

/** Sends one of the hospital's acts; gives its block, and when it was known to be mined. */
async function act(method: string, args: readonly unknown[]): Promise<{ readonly block: number; readonly at: number }> {
  const { blockNumber } = await write(space, wallet("hospital"), "AgreementRegistry", method, args);
  return { block: blockNumber, at: Date.now() };
}

/** Waits for an answer that was recorded after `since` and is permitted or not. */
async function first(since: number, isPermitted: boolean): Promise<Answer> {
  for (;;) {
    const found = answers.find((answer) => answer.time >= since && answer.isPermitted === isPermitted);
    if (found !== undefined) return found;
    await sleep(2);
  }
}

const refusedAfter: number[] = [];
let longestExposure = 0;
let underLaterBlock = 0;
try {
  const loads = Array.from({ length: clients }, load);
  for (let round = 1; round <= suspensions; round += 1) {
    await sleep(Math.random() * 60);
    const suspended = await act("suspend", [world.agreement, ""]);
    const refused = await first(suspended.at, false);
    refusedAfter.push(Math.max(0, refused.time - suspended.at));
    await sleep(mostMs + 20);
    for (const { time, block, isPermitted } of answers) {
      if (!isPermitted) continue;
      longestExposure = Math.max(longestExposure, time - suspended.at);
      if (block >= suspended.block) underLaterBlock += 1;
    }
    answers = [];
    const reinstated = await act("reinstate", [world.agreement]);
    await first(reinstated.at, true);
    answers = [];
    if (round % 100 === 0) console.log(`${round} suspensions, longest exposure ${longestExposure} ms`);
  }
  loading = false;
  await Promise.all(loads);
} finally {
  loading = false;
  await world.stop();
}
const ok = longestExposure <= mostMs && underLaterBlock === 0;
const slowestRefusal = Math.max(...refusedAfter);
console.log(
  JSON.stringify({
    ok,
    suspensions,
    longestExposureMs: longestExposure,
    slowestRefusalMs: slowestRefusal,
    underLaterBlock,
  }),
);
process.exit(ok ? 0 : 1);
