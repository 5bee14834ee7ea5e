import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = join(import.meta.dirname, "..", "..");
const console = join(root, "console");

/** Where the built console stands. */
export const consoleFolder = join(console, "dist");
const stamp = join(consoleFolder, ".sources");

/** Builds the console unless what stands was built of the very sources that stand now. */
export async function buildConsole(say: (line: string) => void): Promise<void> {
  const sources = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  const started = performance.now();
  const { build } = await import("vite");
  rmSync(stamp, { force: true });
  await build({ configFile: join(console, "vite.config.ts"), logLevel: "warn" });
  await compress();
  writeFileSync(stamp, sources);
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
async function compress(): Promise<void> {
  const files = globSync("**/*.{js,css,svg}", { cwd: consoleFolder }).map((name) => join(consoleFolder, name));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(file);
      writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, quality));
      writeFileSync(`${file}.gz`, await promisify(gzip)(bytes));
    }),
  );
}
