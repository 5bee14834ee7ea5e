// npm run by Node < 22 leaves out the native part of Hardhat's chain, because that part declares `engines: >= 22`,
// although our own scripts run on the Node 24 of node_modules/.bin. Notice the gap and close it with that Node 24.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const hardhat = join(root, "node_modules", "hardhat");
const native = join(root, "node_modules", "@nomicfoundation");

if (existsSync(hardhat) && !readdirSync(native).some((name) => name.startsWith("edr-"))) {
  const npm = process.env.npm_execpath;
  const node = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (npm === undefined || !existsSync(node)) {
    console.error("datapact: Hardhat's native part is missing. Run `npm ci` with Node 22 or newer.");
    process.exit(1);
  }
  execFileSync(node, [npm, "install", "--no-save", "--ignore-scripts"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
}
