import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Wallet } from "ethers";
import pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type AnvilEngine, embeddedChainId, findAnvil, startAnvil } from "../../server/engines/anvil.ts";
import { onFreePort, superviseEngine } from "../../server/engines/child.ts";
import { startPostgres } from "../../server/engines/postgres.ts";
import { findPostgresHome } from "../../server/engines/postgresHome.ts";

const folders: string[] = [];
const newFolder = (mode = 0o711): string => {
  const folder = mkdtempSync(join(tmpdir(), "datapact-engine-"));
  chmodSync(folder, mode);
  folders.push(folder);
  return folder;
};
const stops: (() => Promise<void>)[] = [];
let warnings: string[];
const warn = (message: string): void => void warnings.push(message);

beforeEach(() => {
  warnings = [];
});
afterAll(async () => {
  for (const stop of stops) await stop().catch(() => undefined);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function rpc<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: T }).result;
}
const height = async ({ url }: AnvilEngine): Promise<number> => Number(await rpc(url, "eth_blockNumber"));
const mine = (engine: AnvilEngine, blocks: number): Promise<unknown> =>
  rpc(engine.url, "anvil_mine", [`0x${blocks.toString(16)}`]);

async function start(folder: string): Promise<AnvilEngine> {
  const engine = await startAnvil(folder, warn);
  stops.push(engine.stop);
  return engine;
}

describe("the embedded chain", () => {
  it("keeps its blocks over a stop and a start", async () => {
    const folder = newFolder();
    const first = await start(folder);
    await mine(first, 5);
    const genesis = await rpc(first.url, "eth_getBlockByNumber", ["0x0", false]);
    await first.stop();
    // each start adds a first block of its own, which is another one in another second
    for (let starts = 0; starts < 4; starts += 1) {
      await sleep(1_100);
      const next = await start(folder);
      expect(await height(next)).toBe(5);
      expect(await rpc(next.url, "eth_getBlockByNumber", ["0x0", false])).toEqual(genesis);
      await next.stop();
    }
  });

  it("is started again after kill -9, and warns", async () => {
    const engine = await start(newFolder());
    const pid = engine.pid() ?? 0;
    process.kill(pid, "SIGKILL");
    await expect.poll(engine.pid).not.toBe(pid);
    await expect.poll(() => height(engine).catch(() => -1)).toBeGreaterThanOrEqual(0);
    expect(warnings.join()).toMatch(/anvil ended unasked and is started again/);
    await engine.stop();
    await sleep(50);
    expect(isAlive(engine.pid() ?? 0)).toBe(false);
  });

  it("whose state was cut short starts from its last whole copy, and warns", async () => {
    const folder = newFolder();
    const first = await start(folder);
    await mine(first, 3);
    const state = join(folder, "chain.json");
    await expect.poll(() => existsSync(`${state}.whole`)).toBe(true);
    await first.stop();
    const whole = readFileSync(state);
    writeFileSync(`${state}.whole`, whole);
    for (const size of [Math.floor(whole.length / 2), whole.length - 1, 0]) {
      truncateSync(state, size);
      warnings = [];
      const engine = await start(folder);
      expect(await height(engine), `cut to ${size}`).toBe(3);
      expect(warnings).toEqual(["the chain's state file was damaged; its last whole copy is used"]);
      await engine.stop();
    }
  });

  it("whose state holds effects without their transactions starts from its last whole copy, and warns", async () => {
    const folder = newFolder();
    const first = await start(folder);
    const wallet = Wallet.createRandom();
    const state = join(folder, "chain.json");
    const fields = { to: wallet.address, chainId: embeddedChainId, gasLimit: 21_000, gasPrice: 0 };
    for (const nonce of [0, 1, 2])
      await rpc(first.url, "eth_sendRawTransaction", [await wallet.signTransaction({ ...fields, nonce })]);
    await expect.poll(() => height(first)).toBe(3);
    await first.stop();
    const whole = readFileSync(state);
    type State = { accounts: Record<string, { nonce: number }>; transactions: unknown[]; blocks: unknown[] };
    const damages: readonly ((state: State) => unknown)[] = [
      ({ transactions }) => transactions.pop(),
      ({ blocks }) => blocks.pop(),
      ({ accounts }) => Object.assign(accounts[wallet.address.toLowerCase()] ?? {}, { nonce: 4 }),
      ({ blocks, transactions }) => [blocks.pop(), transactions.pop()],
      (state) => Object.assign(state, { best_block_number: 4 }),
    ];
    for (const [at, damage] of damages.entries()) {
      const damaged = JSON.parse(whole.toString()) as State;
      damage(damaged);
      writeFileSync(state, JSON.stringify(damaged));
      writeFileSync(`${state}.whole`, whole);
      warnings = [];
      const engine = await start(folder);
      expect(warnings, `damage ${at}`).toEqual(["the chain's state file was damaged; its last whole copy is used"]);
      expect(await rpc(engine.url, "eth_getTransactionCount", [wallet.address, "latest"])).toBe("0x3");
      await engine.stop();
    }
    const kept = await start(folder);
    expect(await height(kept)).toBe(3);
    await kept.stop();
  });

  it("whose state was cut short and has no copy does not start, and is not overwritten", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "chain.json"), '{"accounts":');
    await expect(startAnvil(folder, warn)).rejects.toThrow(
      /is damaged and there is no whole copy of it\. Restore it from your backup/,
    );
    expect(readFileSync(join(folder, "chain.json"), "utf8")).toBe('{"accounts":');
  });

  it("that an earlier process left running is taken over: one anvil, with its blocks", async () => {
    const folder = newFolder();
    const script = `import { startAnvil } from ${JSON.stringify(join(import.meta.dirname, "../../server/engines/anvil.ts"))};
      const engine = await startAnvil(${JSON.stringify(folder)}, () => undefined);
      await fetch(engine.url, { method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "anvil_mine", params: ["0x4"] }) });
      console.log("pid", engine.pid());`;
    writeFileSync(join(folder, "orphan.mjs"), script);
    const tsx = createRequire(import.meta.url).resolve("tsx/cli");
    const parent = spawn(process.execPath, [tsx, join(folder, "orphan.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const orphan = await new Promise<number>((resolve) => {
      parent.stdout.on("data", (chunk: Buffer) => resolve(Number(/pid (\d+)/.exec(chunk.toString())?.[1])));
    });
    const parents = readFileSync(`/proc/${orphan}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
    process.kill(Number(parents), "SIGKILL");
    await sleep(100);
    expect(isAlive(orphan)).toBe(true);
    const engine = await start(folder);
    expect(isAlive(orphan)).toBe(false);
    expect(await height(engine)).toBe(4);
    await engine.stop();
    parent.kill("SIGKILL");
  });

  it("does not end a process that only has the number of its old one", async () => {
    const folder = newFolder();
    const bystander = spawn("sleep", ["600"]);
    writeFileSync(join(folder, "chain.pid"), String(bystander.pid));
    const engine = await start(folder);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill();
    await engine.stop();
  });
});

describe("an engine", () => {
  const command = (file: string, args: string[], ready: () => Promise<void>) => ({
    name: "engine",
    file,
    args,
    options: {},
    stopSignal: "SIGTERM" as const,
    ready,
    warn,
  });

  it("that does not start is given up with its last words", async () => {
    const dies = command("sh", ["-c", "echo no disk left >&2; exit 1"], () => Promise.reject(new Error("not yet")));
    await expect(superviseEngine(dies)).rejects.toThrow("engine did not start: no disk left");
    const missing = command("/none/engine", [], () => Promise.reject(new Error("not yet")));
    await expect(superviseEngine(missing)).rejects.toThrow(/engine did not start: .*ENOENT/);
  });

  it("that fails for what passes by itself is started once that has passed", async () => {
    const folder = newFolder();
    const [tried, up] = [join(folder, "tried"), join(folder, "up")];
    const script = `if test -e ${tried}; then touch ${up}; exec sleep 600; fi; touch ${tried}; echo still in use >&2; exit 1`;
    const waits = command("sh", ["-c", script], async () => {
      if (!existsSync(up)) throw new Error("not yet");
    });
    const engine = await superviseEngine({ ...waits, passing: /still in use/ });
    expect(isAlive(engine.pid() ?? 0)).toBe(true);
    await engine.stop();
  });

  it("that does not come up again at once is tried again", async () => {
    let starts = 0;
    const asked: string[] = [];
    const engine = await superviseEngine({
      ...command("sh", ["-c", "exec sleep 600"], async () => undefined),
      beforeStart: async () => {
        starts += 1;
        if (starts === 2 || starts === 3) throw new Error("what it needs is away");
      },
      warn: (message) => void asked.push(message),
    });
    const first = engine.pid() ?? 0;
    process.kill(first, "SIGKILL");
    await expect.poll(() => [starts, engine.pid() === first]).toEqual([4, false]);
    expect(isAlive(engine.pid() ?? 0)).toBe(true);
    expect(asked.filter((text) => text.includes("what it needs is away"))).toHaveLength(2);
    await engine.stop();
  });

  it("that ends again and again is not started for ever", async () => {
    let starts = 0;
    const engine = await superviseEngine({
      ...command("sh", ["-c", "sleep 0.05"], async () => undefined),
      onStart: () => {
        starts += 1;
      },
    });
    await expect.poll(() => warnings.join()).toMatch(/ends again and again; it is given a minute/);
    expect(starts).toBe(6);
    await engine.stop();
  });

  it("gets a port that is free, and another one if somebody takes it first", async () => {
    const taken = createServer((socket) => socket.destroy());
    const ports: number[] = [];
    const engine = await onFreePort(async (port) => {
      if (ports.push(port) === 1) await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve));
      const ready = async (): Promise<void> => void (await rpc(`http://127.0.0.1:${port}`, "eth_chainId"));
      return superviseEngine(command(findAnvil(), ["--port", String(port), "--quiet"], ready));
    });
    expect(ports).toHaveLength(2);
    expect(ports[1]).not.toBe(ports[0]);
    await engine.stop();
    taken.close();
  });
});

describe.runIf(process.getuid?.() === 0)("PostgreSQL, when we are root", () => {
  it("lives below the folder if its account can reach it", async () => {
    const folder = newFolder(0o711);
    const home = await findPostgresHome(folder);
    expect(home.folder).toBe(join(folder, "postgres"));
    expect(home.account?.uid).toBeGreaterThan(0);
    expect(statSync(home.folder).uid).toBe(home.account?.uid);
    expect(statSync(home.folder).mode & 0o777).toBe(0o700);
  });

  it("lives below /var/lib/datapact if a closed folder is in between, in one place for each folder", async () => {
    const closed = newFolder(0o700);
    const [a, b] = [join(closed, "a"), join(closed, "b")];
    for (const folder of [a, b]) mkdirSync(folder, { mode: 0o755 });
    const homes = [await findPostgresHome(a), await findPostgresHome(b), await findPostgresHome(a)];
    for (const { folder, account } of homes) {
      expect(folder).toMatch(/^\/var\/lib\/datapact\/[0-9a-f]{12}$/);
      expect(statSync(folder).uid).toBe(account?.uid);
      folders.push(folder);
    }
    expect(homes[0]?.folder).toBe(homes[2]?.folder);
    expect(homes[0]?.folder).not.toBe(homes[1]?.folder);
    expect(existsSync(homes[0]?.bin("postgres") ?? "")).toBe(true);
  });
});

describe("the embedded PostgreSQL", () => {
  it("keeps what was committed over kill -9 of it and of whoever started it, and refuses to begin anew over data", async () => {
    const folder = newFolder();
    const first = await startPostgres(folder, warn);
    stops.push(first.stop);
    const run = async (url: string, sql: string): Promise<unknown[]> => {
      const client = new pg.Client({ connectionString: url });
      client.on("error", () => undefined);
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    await run(first.url("postgres"), "CREATE TABLE kept AS SELECT 7 AS n");
    process.kill(first.pid() ?? 0, "SIGKILL");
    await expect.poll(() => run(first.url("postgres"), "SELECT n FROM kept").catch(() => [])).toEqual([{ n: 7 }]);
    expect(warnings.join()).toMatch(/PostgreSQL ended unasked/);
    await first.stop();
    const password = join(folder, "postgres.password");
    const kept = readFileSync(password);
    rmSync(password);
    await expect(startPostgres(folder, warn)).rejects.toThrow(/postgres\.password/);
    writeFileSync(password, kept, { mode: 0o600 });
    const second = await startPostgres(folder, warn);
    stops.push(second.stop);
    expect(await run(second.url("postgres"), "SELECT n FROM kept")).toEqual([{ n: 7 }]);
    await second.stop();
  });
});
