import type { Output } from "../../../server/api/routes.ts";
import type { Tell } from "../language/language.tsx";

export type Item = Output<"entries">["items"][number];

/** What an entry is about, in a few words. */
export function whatOf({ entry }: Item, tell: Tell): string {
  if (entry.type === "datapact/trail/1") return tell(`act.${entry.act}`);
  const outcome = tell(`outcome.${entry.outcome}`);
  return entry.reason === null ? outcome : tell("trail.what.why", { outcome, reason: tell(`reason.${entry.reason}`) });
}

/** How much it gave. */
export function sizeOf({ entry }: Item, tell: Tell, number: (value: number) => string): string {
  if (entry.type === "datapact/trail/1" && entry.act === "Configured") return "";
  if (entry.type === "datapact/trail/1") return tell("trail.size.entries", { entries: number(entry.entries) });
  if (entry.result === null) return "";
  const { rows, bytes } = entry.result;
  return tell("trail.size.value", { rows: number(rows), bytes: number(bytes) });
}
