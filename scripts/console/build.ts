import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "console");
const vite = join(root, "node_modules", "vite", "bin", "vite.js");

/** Where the built console stands. */
const built = join(folder, "dist");

/**
 * Builds the console unless what stands was built of the very sources that stand now. What stands is replaced at once when all is done.
 * Rejects with what the build said if it fails.
 */
export async function buildConsole(say: (line: string) => void): Promise<void> {
  const sources = digestOfSources();
  const stamp = join(built, ".sources");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  const started = performance.now();
  const draft = `${built}.${process.pid}`;
  // in a process of its own: tests and development set other modes for this one
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(
    process.execPath,
    [vite, "build", folder, "--outDir", draft, "--emptyOutDir", "--logLevel", "warn"],
    {
      env,
    },
  );
  await compress(draft);
  writeFileSync(join(draft, ".sources"), sources);
  rmSync(built, { recursive: true, force: true });
  renameSync(draft, built);
  say(`built the console in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
}

/** Everything that goes into the console: its own files, what it takes from the server, and the versions of its packages. */
function digestOfSources(): string {
  const patterns = [
    "console/{src,public}/**/*",
    "console/*.{html,ts,json}",
    "server/{api,domain}/*.ts",
    "package-lock.json",
  ];
  const files = globSync(patterns, { cwd: root, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => join(found.parentPath, found.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** Puts a packed form beside each file, so that serving costs nothing. */
async function compress(draft: string): Promise<void> {
  const files = globSync("**/*.{js,css,svg}", { cwd: draft }).map((name) => join(draft, name));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(file);
      writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, quality));
      writeFileSync(`${file}.gz`, await promisify(gzip)(bytes));
    }),
  );
}
