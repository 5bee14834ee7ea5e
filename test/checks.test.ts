import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

type Reference = { readonly file: string; readonly name: string };
type Check = { readonly number: number; readonly tests: readonly Reference[]; readonly open: string };

const page = readFileSync(join(import.meta.dirname, "../docs/checks.md"), "utf8");
const checks: readonly Check[] = page.split("\n").flatMap((line) => {
  const [, number, , tests, open] = line.split("|").map((cell) => cell.trim());
  return /^\d+$/.test(number ?? "")
    ? [{ number: Number(number), tests: readTests(tests ?? ""), open: open ?? "" }]
    : [];
});

/** A cell names a file, then tests of it, then perhaps another file. */
function readTests(cell: string): Reference[] {
  const tests: Reference[] = [];
  let file = "";
  for (const [, code, quoted] of cell.matchAll(/`([^`]+)`|"([^"]+)"/g)) {
    if (code?.includes(".") === true) file = code;
    else tests.push({ file, name: code ?? quoted ?? "" });
  }
  return tests;
}

/** The numbers that must stand on the page, as ranges. */
const required = [
  [1, 25],
  [28, 32],
  [35, 35],
  [37, 43],
  [45, 46],
  [48, 82],
  [86, 86],
  [88, 93],
].flatMap(([from = 0, to = 0]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

describe("docs/checks.md", () => {
  it("names every number that it must, and none twice", () => {
    const numbers = checks.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(required.filter((number) => !numbers.includes(number))).toEqual([]);
  });

  it.each(checks.map((check) => [check.number, check] as const))("%i has a test, or a reason", (_number, check) => {
    expect(check.tests.length + check.open.length).toBeGreaterThan(0);
    for (const { file, name } of check.tests) {
      const path = join(import.meta.dirname, file);
      expect(existsSync(path), file).toBe(true);
      const beginnings = file.endsWith(".sol") ? [`function ${name}(`] : [`"${name}`, `\`${name}`, `  ${name}: [`];
      const text = readFileSync(path, "utf8");
      expect(
        beginnings.some((beginning) => text.includes(beginning)),
        `${file}: ${name}`,
      ).toBe(true);
    }
  });
});
