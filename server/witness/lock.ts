import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "../engines/commandOf.ts";

/**
 * Makes this process the only witness over a folder; returns how to let go. Throws, naming the other, if one runs. What a killed process
 * left behind counts for nothing.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "running.pid");
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        // the name and what stands in it come into being together
        linkSync(own, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || tries > 5) throw error;
        const holder = readHolder(file);
        if (holder !== process.pid && /node/.test(commandOf(holder)))
          throw new Error(
            `process ${holder} watches with ${folder} already. Stop it first, or name another folder with --state.`,
          );
        rmSync(file, { force: true });
      }
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}
