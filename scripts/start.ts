import { pino } from "pino";
import { embeddedChainId } from "../server/engines/anvil.ts";
import { type Keeper, keepBlocks } from "../server/follow/keepBlocks.ts";
import { type Gateway, startGateway } from "../server/gateway/startGateway.ts";
import { openHome } from "../server/home.ts";
import { buildConsole } from "./console/build.ts";
import { datasetName, ensureAgreement, firstQuery, founders, publishDataset } from "./demo/story.ts";
import { createDemoWallets } from "./space/demoWallets.ts";
import { type Engines, startEngines } from "./space/engines.ts";
import { foundSpace, gatewayConfig } from "./space/foundSpace.ts";
import { lockHome } from "./space/lockHome.ts";
import { requireFreePorts } from "./space/requireFreePorts.ts";

const home = openHome(process.env.DATAPACT_HOME);
const logger = pino({ level: process.env.DATAPACT_LOG_LEVEL ?? "warn" });
/** On a chain of one's own, nobody acts for others with keys that lie here. */
const isEmbedded = process.env.DATAPACT_CHAIN_URL === undefined;
const say = (line: string): void => console.log(`  ${line}`);

let unlock: (() => void) | undefined;
let engines: Promise<Engines> | undefined;
let gateway: Gateway | undefined;
let keeper: Keeper | undefined;
let stopping: Promise<void> | undefined;

/** Stops the gateway first, then what it stands on; asked again, it waits for the same. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    console.log("\nStopping ...");
    await gateway?.stop();
    await keeper?.stop();
    await engines?.then((running) => running.stop()).catch(() => undefined);
    unlock?.();
  })();
  return stopping;
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void stop().then(() => process.exit(0)));
}

// npm passes a signal to its shell, which does not pass it on: stop when the parent is gone
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => {
    if (process.ppid !== parent) void stop().then(() => process.exit(0));
  }, 500).unref();
}

/** What the embedded chain mines is kept, so that it gets back what a crash takes from it. */
async function keepEmbeddedChain({ chainUrl, storeUrl }: Engines): Promise<Keeper | undefined> {
  if (!isEmbedded) return undefined;
  return keepBlocks(chainUrl, embeddedChainId, storeUrl, (message, error) =>
    logger.warn({ error: String(error ?? "") }, message),
  );
}

try {
  console.log(`Datapact keeps everything in ${home.folder}`);
  unlock = lockHome(home);
  await requireFreePorts(process.env);
  engines = startEngines(home, process.env, (message) => logger.warn(message));
  const running = await engines;
  if (running.dataFolder !== undefined)
    say(`PostgreSQL runs as another account and keeps its data in ${running.dataFolder}`);
  keeper = await keepEmbeddedChain(running);
  await buildConsole(say);
  const founded = await foundSpace(home, running, founders, say);
  const dataset = await publishDataset(
    home,
    running.hospitalAdminUrl,
    founded,
    say,
    Number(process.env.DATAPACT_DEMO_NEWBORNS ?? 20_000),
  );
  const agreement = await ensureAgreement(founded, dataset, say);
  const config = gatewayConfig(home, running, "gateway", process.env);
  // the demo's keys are for who sits before this machine: a gateway that is made known to others does not lend them
  const isPrivate = config.DATAPACT_PUBLIC_ORIGIN === undefined && config.DATAPACT_TRUSTED_PROXIES.length === 0;
  const demo = isEmbedded && isPrivate ? createDemoWallets(founded, founders) : undefined;
  gateway = await startGateway(config, logger, demo);
  home.writeAddresses({
    chainUrl: running.chainUrl,
    gatewayUrl: gateway.url,
    hospitalAdminUrl: running.hospitalAdminUrl,
  });
  console.log(`
Datapact serves on ${gateway.url}. ${
    demo === undefined
      ? "Open it in a browser."
      : `Open the console, with the demo's identities:

  ${gateway.url}/#demo=${demo.secret}
`
  }
The hospital's dataset "${datasetName}" is under contract. Use it, in another terminal, as the device maker may:

  npx datapact query --as device-maker --agreement ${agreement.slice(0, 12)} \\
    "${firstQuery}"

Ctrl-C stops it; everything is still there at the next start.`);
} catch (error) {
  if (stopping === undefined) console.error(`datapact: ${error instanceof Error ? error.message : String(error)}`);
  await stop();
  process.exit(1);
}
