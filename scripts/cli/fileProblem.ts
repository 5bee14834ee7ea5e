import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Mistake } from "./context.ts";

const problems: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no file ${path}.`,
  EISDIR: (path) => `${path || "what is named"} is a folder, and must be a file.`,
  EACCES: (path) => `this account may not open ${path}.`,
  EEXIST: (path) => `${path} exists already. Name another file.`,
};

/** What is wrong with a file that the system did not open, as a sentence; undefined for other errors. */
export function fileProblem(error: unknown): string | undefined {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : problems[code ?? ""]?.(path ?? "");
}

/** Throws `Mistake` if a file could not be written anew: before anything is asked for that would be lost. */
export function requireNewFile(file: string): void {
  if (existsSync(file)) throw new Mistake(`${file} exists already. Name another with --out.`);
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw new Mistake(`there is no folder ${folder}. Make it, or name another file with --out.`);
}
