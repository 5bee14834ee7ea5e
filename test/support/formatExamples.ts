import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The worked examples of docs/formats.md by their names, as the page has them. */
// biome-ignore lint/suspicious/noExplicitAny: the page is what is tested
export function readExamples(): Readonly<Record<string, any>> {
  const page = readFileSync(join(import.meta.dirname, "../../docs/formats.md"), "utf8");
  const blocks = page.matchAll(/^```json example=(\w+)\n(.*?)\n```$/gms);
  return Object.fromEntries([...blocks].map(([, name = "", json = ""]) => [name, JSON.parse(json)]));
}
