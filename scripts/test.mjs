// Runs every test: the contracts' in Hardhat's chain, then all others in vitest. Ends with one line that counts both.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "datapact-report-"));
const report = join(folder, "vitest.json");

/** Runs one tool of node_modules with its output shown; gives its exit code and what it wrote. */
function run(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "node_modules", ...script), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const count = (output, word) => Number(new RegExp(`^\\s*(\\d+) ${word}`, "m").exec(output)?.[1] ?? 0);

const hardhat = await run(["hardhat", "dist", "src", "cli.js"], ["test", "solidity"]);
let passed = count(hardhat.output, "passing");
let failed = count(hardhat.output, "failing");
if (hardhat.code !== 0 && failed === 0) failed = 1;

let leftOut = 0;
const vitest = await run(
  ["vitest", "vitest.mjs"],
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)],
);
try {
  const counted = JSON.parse(readFileSync(report, "utf8"));
  passed += counted.numPassedTests;
  leftOut = counted.testResults
    .filter(({ name }) => /[\\/]test[\\/]console[\\/]/.test(name))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "skipped" || status === "pending").length;
  failed += counted.numFailedTests + (vitest.code !== 0 && counted.numFailedTests === 0 ? 1 : 0);
} catch {
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });
if (leftOut > 0)
  console.log(
    `\nLeft out: ${leftOut} tests of the console, which need a browser (apt-get install chromium, or DATAPACT_TEST_BROWSER=its path).`,
  );
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
