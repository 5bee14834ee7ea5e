import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** Makes an empty folder that goes when the test file is done. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `datapact-${name}-`));
  made.push(folder);
  return folder;
}

/** Registers that all of them go; once for each test file. */
export function removeFolders(): void {
  afterAll(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
}
