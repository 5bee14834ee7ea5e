import { type ChildProcess, fork } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signRequest } from "../../../server/client/usage.ts";
import type { Config } from "../../../server/gateway/config.ts";
import type { AgreementId } from "../../../server/domain/ids.ts";
import { freePort } from "../../../server/engines/child.ts";
import { openHome } from "../../../server/home.ts";
import { concludeAgreement, demoTerms, founders, publishDataset, purpose } from "../../demo/story.ts";
import { type Engines, startEngines } from "../../space/engines.ts";
import { type FoundedSpace, foundSpace, gatewayConfig } from "../../space/foundSpace.ts";

const main = join(import.meta.dirname, "../../../server/main.ts");
const ungoverned = join(import.meta.dirname, "ungoverned.ts");
const connections = "8";

/** A space with the demo's records, a gateway over it and a plain server beside it, each a process of its own. */
export type World = {
  readonly engines: Engines;
  readonly founded: FoundedSpace;
  readonly config: Config;
  readonly agreement: AgreementId;
  readonly gatewayUrl: string;
  readonly plainUrl: string;
  /** Signs requests for a statement ahead of time, so that the load generator does nothing else while the clock runs. */
  readonly sign: (statement: string, count: number) => string[];
  /** Most memory that the gateway has held, in bytes; undefined where the system does not tell. */
  readonly peakMemory: () => number | undefined;
  readonly stop: () => Promise<void>;
};

export async function createWorld(newborns: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "datapact-bench-"));
  chmodSync(folder, 0o711);
  const home = openHome(folder);
  const quiet = (): void => undefined;
  const engines = await startEngines(home, {}, quiet);
  const founded = await foundSpace(home, engines, founders, quiet);
  const dataset = await publishDataset(home, engines.hospitalAdminUrl, founded, quiet, newborns);
  const agreement = await concludeAgreement(founded, demoTerms(founded, dataset, { maxUses: 10_000_000n }));
  const port = await freePort();
  const config = gatewayConfig(home, engines, "gateway", {
    DATAPACT_PORT: String(port),
    DATAPACT_CONNECTIONS: connections,
    ...unlimited,
  });
  const gateway = startChild(
    main,
    Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
  );
  const plain = startChild(ungoverned, {
    DATAPACT_BENCH_URL: engines.hospitalAdminUrl,
    DATAPACT_CONNECTIONS: connections,
  });
  const plainPort = await new Promise<unknown>((resolve) => plain.once("message", resolve));
  const gatewayUrl = `http://127.0.0.1:${port}`;
  await whenReady(gatewayUrl);
  const { id } = founded;
  return {
    engines,
    founded,
    config,
    agreement,
    gatewayUrl: `${gatewayUrl}/v1/usage`,
    plainUrl: `http://127.0.0.1:${plainPort}/`,
    sign: (statement, count) =>
      Array.from({ length: count }, () =>
        JSON.stringify(
          signRequest(founded.wallet("device-maker"), founded.space.domainOf("UsagePolicy"), {
            gateway: id("gateway"),
            agreement,
            purpose,
            statement,
          }),
        ),
      ),
    peakMemory: () => peakOf(gateway.pid),
    stop: async () => {
      await Promise.all([gateway, plain].map(end));
      founded.space.close();
      await engines.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const unlimited = { DATAPACT_REQUESTS_PER_SECOND: "1000000", DATAPACT_PEER_REQUESTS_PER_MINUTE: "100000000" };

function startChild(file: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const env = { PATH: process.env.PATH, ...settings };
  return fork(file, {
    execArgv: [
      "--import",
      "tsx",
      ...(process.env.DATAPACT_BENCH_PROFILE
        ? ["--cpu-prof", `--cpu-prof-dir=${process.env.DATAPACT_BENCH_PROFILE}`]
        : []),
    ],
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

async function end(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await closed;
  clearTimeout(timer);
}

async function whenReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const isReady = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(100);
  }
  throw new Error("the gateway does not become ready");
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
