#!/usr/bin/env node
// Runs the command line under the Node of node_modules/.bin, whatever the system has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const scripts = dirname(fileURLToPath(import.meta.url));
const own = join(scripts, "..", "node_modules", ".bin", process.platform === "win32" ? "node.exe" : "node");
const node = existsSync(own) ? own : process.execPath;
// V8's helper threads can keep a process of Node 24 from ending (nodejs/node#54918); a short command needs none
const { status } = spawnSync(
  node,
  [
    "--single-threaded",
    "--import",
    import.meta.resolve("tsx"),
    join(scripts, "cli", "main.ts"),
    ...process.argv.slice(2),
  ],
  {
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
