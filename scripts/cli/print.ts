import type { Governed } from "../../server/client/govern.ts";

/** Writes rows as a table whose columns line up, Chinese characters counted as two. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(displayWidth)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell)))
      .join("  ")
      .trimEnd();
  for (const row of [header, widths.map((width) => "-".repeat(width)), ...rows]) console.log(line(row));
}

/** Writes facts below each other, names first. */
export function printFacts(facts: Readonly<Record<string, string>>): void {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(width)}  ${value}`);
}

/** Writes what came of an act of the authority. */
export function printGoverned(governed: Governed, done: string): void {
  if (governed.isDone) console.log(done);
  else console.log(`announced; the same command does it from ${writeTime(governed.from)} on, for a week`);
}

export function displayWidth(text: string): number {
  return [...text].reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(character)
        ? 2
        : 1),
    0,
  );
}

/** Unix seconds as RFC 3339 in UTC. */
export function writeTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}

/** A span of seconds in its two largest units, such as `59 min 12 s`. */
export function writeSpan(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const parts = units.slice(first, first + 2).map(([unit, size], at) => {
    const left = at === 0 ? seconds : seconds % (units[first]?.[1] ?? 1);
    return `${Math.floor(left / size)} ${unit}`;
  });
  return parts.filter((part, at) => at === 0 || !part.startsWith("0 ")).join(" ");
}

/**
 * Text of others with its control and direction characters made harmless for a terminal.
 * @param keep Whether line ends are the text's own.
 */
export function inert(text: string, keep: "nothing" | "lines" = "nothing"): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    keep === "lines" && character === "\n" ? "\n" : "\ufffd",
  );
}
