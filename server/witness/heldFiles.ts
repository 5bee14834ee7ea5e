import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { receiptSchema, usageEntrySchema } from "../api/usage.ts";
import { entryDigest } from "../domain/entry.ts";
import type { AgreementId } from "../domain/ids.ts";
import { parseJson } from "../domain/json.ts";
import type { Receipt } from "../domain/receipt.ts";

/** A receipt that the witness holds, and under which agreement it was a permitted use, if the entry is there to tell. */
export type HeldReceipt = { readonly receipt: Receipt; readonly use: AgreementId | undefined };

/** What lies in the folders: receipts, alone or within evidence, and signed checkpoints. */
export type Held = {
  readonly receipts: readonly HeldReceipt[];
  readonly notes: readonly string[];
  readonly unreadable: readonly string[];
};

const fileSchema = z.union([
  receiptSchema.transform((receipt) => ({ receipt })),
  z.object({ receipt: receiptSchema, entry: usageEntrySchema.optional() }),
]);
/** A checkpoint has less than 1 kB, unless many have signed it; evidence has as much as its result. */
const mostBytes = { note: 2 ** 14, json: 64 * 2 ** 20 };

type Content = { readonly receipt: HeldReceipt } | { readonly note: string } | undefined;

/** Makes the reader of folders into which anyone may put files: `.json` with a receipt, `.note` with a checkpoint. A file is read once. */
export function createHeldReader(folders: readonly string[]): () => Promise<Held> {
  const known = new Map<string, { readonly stamp: string; readonly content: Content }>();
  const read = async (file: string): Promise<Content> => {
    // anyone may put a pipe there, or a link to a device: neither is waited for nor read
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      const { size, mtimeMs } = found;
      if (!found.isFile() || size > mostBytes[file.endsWith(".note") ? "note" : "json"]) return undefined;
      const stamp = `${size} ${mtimeMs}`;
      const before = known.get(file);
      if (before?.stamp === stamp) return before.content;
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await handle.read(bytes, 0, size, 0);
      const content = contentOf(file, bytes.toString("utf8", 0, bytesRead));
      known.set(file, { stamp, content });
      return content;
    } finally {
      await handle.close();
    }
  };
  return async () => {
    const files = (await Promise.all(folders.map(filesIn))).flat();
    const [receipts, notes, unreadable]: [HeldReceipt[], string[], string[]] = [[], [], []];
    for (const file of files) {
      const content = await read(file).catch(() => undefined);
      if (content === undefined) unreadable.push(file);
      else if ("note" in content) notes.push(content.note);
      else receipts.push(content.receipt);
    }
    return { receipts, notes, unreadable };
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /\.(json|note)$/.test(name)).map((name) => join(folder, name));
}

function contentOf(file: string, text: string): Content {
  if (file.endsWith(".note")) return { note: text };
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { receipt } = parsed.data;
  const entry = "entry" in parsed.data ? parsed.data.entry : undefined;
  const isUse = entry?.outcome === "Permitted" && entryDigest(entry) === receipt.entry;
  return { receipt: { receipt, use: isUse ? entry.agreement : undefined } };
}
