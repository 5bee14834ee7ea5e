import { visible } from "../parts/visible.ts";

export type Values = Readonly<Record<string, string | number>>;

/** Puts values into a text: `{name}` stands for one, `{name|entry|entries}` for the word that goes with one or with any other number. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = String(values[name] ?? "");
    return visible((value === "1" ? one : many) ?? value, "lines");
  });
}
