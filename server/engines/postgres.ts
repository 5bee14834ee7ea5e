import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type Engine, onFreePort, superviseEngine } from "./child.ts";
import { type Account, findPostgresHome, type PostgresHome } from "./postgresHome.ts";

/** `folder` holds its data. */
export type PostgresEngine = Engine & { readonly url: (database: string) => string; readonly folder: string };

/**
 * Starts the embedded PostgreSQL with its data below `folder`, on 127.0.0.1 and a port of its own; initializes it the first time and
 * takes over from one that an earlier process left running. Commits are durable (`fsync`, `synchronous_commit`).
 */
export async function startPostgres(folder: string, warn: (message: string) => void): Promise<PostgresEngine> {
  const home = await findPostgresHome(folder);
  const data = join(home.folder, "data");
  const password = initializeOnce(home, data, join(folder, "postgres.password"));
  stopOrphan(home, data);
  return onFreePort(async (port) => {
    const url = (database: string): string => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
    const engine = await superviseEngine({
      name: "PostgreSQL",
      file: home.bin("postgres"),
      args: ["-D", data, ...settings(port)],
      options: { ...home.account, cwd: home.folder },
      stopSignal: "SIGINT",
      beforeStart: async () => stopOrphan(home, data),
      // the processes of one that was killed need a moment to notice
      passing: /pre-existing shared memory block/,
      ready: () => ping(url("postgres")),
      warn,
    });
    return Object.freeze({ ...engine, url, folder: home.folder });
  });
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 100,
    shared_buffers: "128MB",
    timezone: "UTC",
    log_min_messages: "fatal",
    log_min_error_statement: "panic",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Makes the data folder whole or not at all, and never a new one over one that holds data. Gives the superuser's password. */
function initializeOnce(home: PostgresHome, data: string, passwordFile: string): string {
  if (existsSync(join(data, "PG_VERSION"))) {
    if (existsSync(passwordFile)) return readFileSync(passwordFile, "utf8").trim();
    throw new Error(`${data} holds data, and its password ${passwordFile} is gone. Restore it from your backup.`);
  }
  const draft = `${data}.draft`;
  for (const folder of [data, draft]) rmSync(folder, { recursive: true, force: true });
  const password = randomBytes(24).toString("base64url");
  const handover = join(home.folder, "initial-password");
  writeFileSync(handover, password, { mode: 0o600 });
  if (home.account !== undefined) chownSync(handover, home.account.uid, home.account.gid);
  const args = ["-D", draft, "-U", "postgres", `--pwfile=${handover}`, "-A", "scram-sha-256", "-E", "UTF8"];
  runOrThrow(
    home.bin("initdb"),
    [...args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
    home.account,
    home.folder,
  );
  rmSync(handover);
  mkdirSync(join(passwordFile, ".."), { recursive: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  renameSync(draft, data);
  return password;
}

function stopOrphan(home: PostgresHome, data: string): void {
  if (!existsSync(join(data, "postmaster.pid"))) return;
  spawnSync(home.bin("pg_ctl"), ["stop", "-D", data, "-m", "fast", "-w", "-t", "20"], {
    ...home.account,
    cwd: home.folder,
  });
}

function runOrThrow(file: string, args: string[], account: Account | undefined, cwd: string): void {
  const done = spawnSync(file, args, { ...account, cwd, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${file} failed: ${done.error?.message ?? done.stderr}`);
}

async function ping(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  await client.connect();
  await client.end();
}
