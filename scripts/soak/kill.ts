import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "../../server/api/client.ts";
import { openSpace, readManifest } from "../../server/chain/space.ts";
import { listAgreements } from "../../server/client/agreements.ts";
import { rebuildLog } from "../../server/client/chainLog.ts";
import { signRequest } from "../../server/client/usage.ts";
import { readSecret } from "../../server/gateway/config.ts";
import { toHex } from "../../server/domain/hash.ts";
import type { ParticipantId } from "../../server/domain/ids.ts";
import { participantId } from "../../server/domain/typedData.ts";
import { freePort } from "../../server/engines/child.ts";
import { openHome } from "../../server/home.ts";
import { openKeystore } from "../../server/keystore.ts";
import { purpose } from "../demo/story.ts";

/**
 * Kills gateway, chain and database at random moments under load, then compares every answer that was given with the log on chain.
 * `DATAPACT_KILLS` says how often (12 by default). Ends with one JSON line; exit code 0 only if every answer stands in the log once.
 */
const kills = Number(process.env.DATAPACT_KILLS ?? 12);
const folder = mkdtempSync(join(tmpdir(), "datapact-kill-"));
chmodSync(folder, 0o711);
const home = openHome(folder);
const port = await freePort();
const client = createClient(`http://127.0.0.1:${port}`);

const environment = {
  ...process.env,
  DATAPACT_HOME: folder,
  DATAPACT_PORT: String(port),
  DATAPACT_ANCHOR_INTERVAL_MS: "300",
  DATAPACT_PEER_REQUESTS_PER_MINUTE: "1000000",
  DATAPACT_DEMO_NEWBORNS: "1000",
};

let running: ChildProcess | undefined;
const output = openSync(join(folder, "output.log"), "a");

function start(): void {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    env: environment,
    stdio: ["ignore", output, output],
  });
  running = child;
}

async function whenReady(): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const problem = await client.ready().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new Error("the gateway does not become ready again", { cause: problem });
    await sleep(100);
  }
}

/** Process ids of this space's gateway, chain and database; each is known by the folder in its command line or environment. */
function victims(): Record<"gateway" | "chain" | "database", number | undefined> {
  const lines = spawnSync("ps", ["-eo", "pid=,ppid=,command="], { encoding: "utf8" }).stdout.split("\n");
  const find = (mark: string): number | undefined => {
    const line = lines.find((candidate) => candidate.includes(folder) && candidate.includes(mark));
    return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0]);
  };
  return { gateway: running?.pid, chain: find("anvil"), database: find("-D") };
}

const answers: { readonly index: number; readonly entry: string }[] = [];
let refusedUnrecorded = 0;
let loading = true;

async function load(ask: () => Promise<void>): Promise<void> {
  while (loading) {
    await ask().catch(() => {
      refusedUnrecorded += 1;
    });
    await sleep(5);
  }
}

start();
let ok = false;
try {
  await whenReady();
  const wallet = await openKeystore(home.keystore("device-maker"), readSecret(home.passphrase));
  const chainUrl = (): string => home.addresses()?.chainUrl ?? "";
  const first = openSpace(chainUrl(), readManifest(home.manifest));
  const agreement = (await listAgreements(first))[0]?.id;
  if (agreement === undefined) throw new Error("the demo has no agreement");
  const gateway = participantId("DEMO-HOS-0001/1") as ParticipantId;
  const policy = first.domainOf("UsagePolicy");
  const ask = async (): Promise<void> => {
    const statement = "SELECT count(*) FROM newborns";
    const { receipt } = await client.use(signRequest(wallet, policy, { gateway, agreement, purpose, statement }));
    answers.push({ index: receipt.index, entry: receipt.entry });
  };
  const loads = Array.from({ length: 8 }, () => load(ask));

  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(500 + Math.random() * 1_500);
    const names = ["gateway", "chain", "database"] as const;
    const name = names[kill % names.length] ?? "gateway";
    const pid = victims()[name];
    if (pid === undefined) throw new Error(`no process of the ${name} is found`);
    process.kill(pid, "SIGKILL");
    console.log(`killed the ${name} (${answers.length} answers so far)`);
    if (name === "gateway") {
      await sleep(200);
      start();
    }
    await whenReady();
  }
  loading = false;
  await Promise.all(loads);
  await whenReady();

  const space = openSpace(chainUrl(), readManifest(home.manifest));
  const most = Math.max(...answers.map(({ index }) => index));
  const deadline = Date.now() + 60_000;
  let log = await rebuildLog(space, gateway);
  while (log.digests.length <= most && Date.now() < deadline) {
    await sleep(500);
    log = await rebuildLog(space, gateway);
  }
  const anchored = log.digests.map((digest) => toHex(digest) as string);
  const wrong = answers.filter(({ index, entry }) => anchored[index] !== entry);
  const twice = answers.length - new Set(answers.map(({ index }) => index)).size;
  ok = wrong.length === 0 && twice === 0 && answers.length > 0;
  console.log(
    JSON.stringify({
      ok,
      kills,
      answers: answers.length,
      missing: wrong.length,
      twice,
      entries: anchored.length,
      refusedUnrecorded,
    }),
  );
} catch (error) {
  console.error(error);
} finally {
  loading = false;
  running?.kill("SIGTERM");
  await sleep(3_000);
  for (const pid of Object.values(victims())) if (pid !== undefined) spawnSync("kill", ["-9", String(pid)]);
  if (ok) rmSync(folder, { recursive: true, force: true });
  else console.error(`what is left to look at: ${folder}`);
}
process.exit(ok ? 0 : 1);
