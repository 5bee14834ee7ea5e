import { spawn } from "node:child_process";
import { once } from "node:events";
import { acts, compareState } from "./state.ts";

/** Prints what acts cost on an empty ledger and on one of 100,000 agreements and a million entries; exits 1 if they differ by 10 %. */
const [agreements = 100_000, entries = 1_000_000, port = 18_545] = process.argv.slice(2).map(Number);
const chain = spawn("anvil", [
  "--port",
  String(port),
  "--prune-history",
  "--hardfork",
  "osaka",
  "--gas-limit",
  "30000000000",
]);
for await (const output of chain.stdout) if (String(output).includes("Listening")) break;
try {
  const { before, after } = await compareState(agreements, entries, `http://127.0.0.1:${port}`);
  for (const act of acts) {
    const ratio = after[act] / before[act];
    console.log(
      `${act.padEnd(10)}${String(before[act]).padStart(10)}${String(after[act]).padStart(10)}  ${ratio.toFixed(4)}`,
    );
    if (Math.abs(ratio - 1) >= 0.1) process.exitCode = 1;
  }
} finally {
  chain.kill();
  await once(chain, "exit");
}
