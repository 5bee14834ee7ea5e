import { spawnSync } from "node:child_process";
import { join } from "node:path";

const script = join(import.meta.dirname, "../foreign/verify.py");

/** Whether Python is here; the tests that need it say so where it is not. */
export const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** What the verifier in Python, which was written from docs/formats.md alone, says of a file: `ok`, or what does not hold. Accounts are those whose word is taken. */
export function askForeign(subject: "page" | "bundle", file: string, accounts: readonly string[] = []): string {
  const { stdout, stderr } = spawnSync("python3", ["-I", script, subject, file, ...accounts], { encoding: "utf8" });
  return (stdout + stderr).trim();
}
