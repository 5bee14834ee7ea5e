import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "../../server/engines/commandOf.ts";
import type { Home } from "../../server/home.ts";

/**
 * Makes this process the only one that starts engines in this folder. Throws, naming the other, if one runs. What a crashed process left
 * behind counts for nothing. Returns how to let go.
 */
export function lockHome(home: Home): () => void {
  home.make();
  const file = join(home.folder, "running.pid");
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(readFileSync(file, "utf8"));
      if (holder !== process.pid && isStart(holder)) {
        throw new Error(
          `process ${holder} runs in ${home.folder} already. Stop it first, or set DATAPACT_HOME to another folder.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
}

function isStart(pid: number): boolean {
  return commandOf(pid).includes(process.platform === "win32" ? "node" : "start.ts");
}
