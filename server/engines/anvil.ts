import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { keepCopy, restoreState } from "./chainState.ts";
import { type Engine, onFreePort, superviseEngine } from "./child.ts";
import { commandOf } from "./commandOf.ts";

export type AnvilEngine = Engine & { readonly url: string };

/** The embedded chain's id. It is a chain of its own on this machine, without gas price: no account needs a balance. */
export const embeddedChainId = 31337;

/** A crash takes what was mined since the last one, which is mined again at the next start. */
const saveIntervalSeconds = 10;
const copyIntervalMs = 600_000;

/** Given the newest block that the chain's state has: what puts back, into a chain that mines nothing by itself, those it has lost. */
export type FindLost = (best: number) => Promise<((url: string) => Promise<void>) | undefined>;

const lostNothing: FindLost = () => Promise.resolve(undefined);

/** Starts the embedded chain on 127.0.0.1 with its state in `folder`. Throws if there is no `anvil` for this platform. */
export async function startAnvil(
  folder: string,
  warn: (message: string) => void,
  findLost: FindLost = lostNothing,
): Promise<AnvilEngine> {
  const file = findAnvil();
  const state = join(folder, "chain.json");
  const pidFile = join(folder, "chain.pid");
  const beforeStart = async (): Promise<void> => {
    stopOrphan(pidFile);
    const best = restoreState(state, warn);
    const putBack = await findLost(best ?? 0);
    // the first block is made once: what comes after it could never be mined again on another
    if (best === undefined || putBack !== undefined) await runQuietly({ file, folder, state, pidFile, warn }, putBack);
    keepCopy(state);
  };
  const saved = ["--state", state, "--state-interval", String(saveIntervalSeconds)];
  const engine = await onFreePort((port) =>
    superviseAnvil({ file, folder, pidFile, warn, beforeStart, port, args: saved }),
  );
  const timer = setInterval(() => keepCopy(state), copyIntervalMs);
  return Object.freeze({
    ...engine,
    stop: async () => {
      clearInterval(timer);
      await engine.stop();
      keepCopy(state);
      rmSync(pidFile, { force: true });
    },
  });
}

type Quiet = {
  readonly file: string;
  readonly folder: string;
  readonly state: string;
  readonly pidFile: string;
  readonly warn: (message: string) => void;
};

/** Runs the chain where nobody else finds it, mining nothing by itself, and saves its state. */
async function runQuietly({ state, ...parts }: Quiet, act = (_url: string) => Promise.resolve()) {
  const args = ["--no-mining", "--state", state];
  const { url, stop } = await onFreePort((port) => superviseAnvil({ ...parts, port, args }));
  await act(url).finally(stop);
}

type Supervised = Omit<Quiet, "state"> & {
  readonly port: number;
  readonly args: readonly string[];
  readonly beforeStart?: () => Promise<void>;
};

async function superviseAnvil({ file, folder, pidFile, port, args, ...parts }: Supervised): Promise<AnvilEngine> {
  const url = `http://127.0.0.1:${port}`;
  const engine = await superviseEngine({
    ...parts,
    name: "anvil",
    file,
    args: [...settings(port), ...args],
    options: { cwd: folder },
    stopSignal: "SIGTERM",
    onStart: (pid) => writeFileSync(pidFile, String(pid)),
    ready: () => ping(url),
  });
  return { ...engine, url };
}

function settings(port: number): string[] {
  const chain = ["--chain-id", String(embeddedChainId), "--hardfork", "osaka", "--enable-tx-gas-limit"];
  const free = ["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee", "--gas-limit", "100000000"];
  return [
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--accounts",
    "1",
    "--balance",
    "0",
    ...chain,
    ...free,
    "--quiet",
  ];
}

/** Finds the program. Throws, saying what to do, if there is none. */
export function findAnvil(): string {
  const named = process.env.DATAPACT_ANVIL;
  if (named !== undefined) return named;
  try {
    const manifest = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/package.json");
    const binary = join(dirname(manifest), "bin", "anvil");
    if (process.platform === "linux" && process.arch === "x64" && existsSync(binary)) return binary;
  } catch {
    // npm has left it out: it is for another platform
  }
  if (spawnSync("anvil", ["--version"]).status === 0) return "anvil";
  throw new Error(
    "There is no `anvil` for this platform. Install Foundry (it brings anvil), or set DATAPACT_CHAIN_URL to a network of yours.",
  );
}

/** Ends a chain that an earlier process left running on this state, if that process still is an anvil. */
function stopOrphan(pidFile: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  if (commandOf(pid).includes("anvil")) {
    process.kill(pid, "SIGTERM");
    const deadline = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  rmSync(pidFile, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ping(url: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(2_000),
  });
  if (!answer.ok) throw new Error(`anvil answers ${answer.status}`);
}
