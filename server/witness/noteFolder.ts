import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "../client/durableFile.ts";
import type { ParticipantId } from "../domain/ids.ts";
import type { SignedHead } from "./judgeHeads.ts";

/**
 * Signed checkpoints that a witness keeps of a gateway: the newest, to hand to other witnesses; those beyond what is final; and for ever
 * those that show a fork, since the gateway's signature proves it.
 */
export type NoteFolder = {
  readonly folder: string;
  readonly notes: () => string[];
  readonly keep: (gateway: ParticipantId, heads: readonly SignedHead[]) => void;
};

export function openNoteFolder(folder: string): NoteFolder {
  const names = (): string[] =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".note")) : [];
  const nameOf = (gateway: ParticipantId, { size, root }: SignedHead): string =>
    `${gateway.slice(2, 18)}-${size}-${root.slice(2, 18)}.note`;
  return {
    folder,
    notes: () => names().map((name) => readFileSync(join(folder, name), "utf8")),
    keep: (gateway, heads) => {
      const wanted = new Map(heads.map((head) => [nameOf(gateway, head), head.note]));
      const stale = names().filter((name) => name.startsWith(gateway.slice(2, 18)) && !wanted.has(name));
      for (const [name, note] of wanted) if (!existsSync(join(folder, name))) writeDurably(join(folder, name), note);
      for (const name of stale) rmSync(join(folder, name), { force: true });
    },
  };
}
