import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The command line of a process; empty if there is none, or if this system does not tell. */
export function commandOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) return "";
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
  const [file, args] =
    process.platform === "win32"
      ? ["tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]]
      : ["ps", ["-p", String(pid), "-o", "command="]];
  return spawnSync(file as string, args as string[], { encoding: "utf8" }).stdout ?? "";
}
