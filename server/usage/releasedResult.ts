import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { canonicalBytes } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { Hash } from "../domain/ids.ts";
import type { Result } from "../domain/result.ts";

/** A result in its canonical bytes, as they are recorded and as they leave. */
export type ReleasedResult = {
  readonly digest: Hash;
  readonly bytes: number;
  readonly rows: number;
  /** The bytes, at once where they are few, or from the first on, and again until `drop`. */
  readonly content: Buffer | (() => Readable);
  /** Lets go of the bytes. */
  readonly drop: () => void;
};

/** Writes a result row by row. */
export type ResultWriter = {
  /** Waits while the bytes go to disk. */
  readonly add: (row: Result["rows"][number]) => Promise<void> | undefined;
  readonly end: () => Promise<ReleasedResult>;
  /** Lets go of what was written. */
  readonly drop: () => void;
};

/** Beyond this size bytes wait on disk instead of in memory. */
const mostInMemory = 1_048_576;
const chunkBytes = 65_536;

/**
 * Makes a writer of the canonical JSON (RFC 8785) of a result. What does not fit into memory goes to a file for temporary data, encrypted
 * under a key that never leaves memory.
 */
export function createResultWriter(columns: Result["columns"]): ResultWriter {
  const hash = createHash("sha256");
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let file: Spool | undefined;
  let bytes = 0;
  let rows = 0;

  const put = (chunk: Buffer): void => {
    hash.update(chunk);
    waiting.push(chunk);
    waitingBytes += chunk.length;
    bytes += chunk.length;
  };
  const flush = async (): Promise<void> => {
    const chunk = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    file ??= await openSpool();
    await file.write(chunk);
  };
  const drop = (): void => {
    waiting = [];
    file?.drop();
  };

  put(Buffer.from(`{"columns":${canonicalBytes(columns)},"rows":[`));
  return {
    add: (row) => {
      // of texts, booleans and nulls alone, JSON is canonical as it comes
      const text = Buffer.from(JSON.stringify(row));
      put(rows === 0 ? text : Buffer.concat([comma, text]));
      rows += 1;
      return waitingBytes > (file === undefined ? mostInMemory : chunkBytes) ? flush() : undefined;
    },
    end: async () => {
      put(Buffer.from("]}"));
      if (file !== undefined) await flush();
      const whole = Buffer.concat(waiting);
      waiting = [];
      return { digest: toHex<Hash>(hash.digest()), bytes, rows, content: file === undefined ? whole : file.read, drop };
    },
    drop,
  };
}

const comma = Buffer.from(",");

type Spool = {
  readonly write: (chunk: Buffer) => Promise<void>;
  readonly read: () => Readable;
  readonly drop: () => void;
};

async function openSpool(): Promise<Spool> {
  const path = join(tmpdir(), `datapact-result-${randomBytes(16).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  // where the system allows it, nobody finds the file by its name, and it is gone with the process
  await rm(path).catch(() => undefined);
  const [key, start] = [randomBytes(32), randomBytes(16)];
  const cipher = createCipheriv("aes-256-ctr", key, start);
  let isDropped = false;
  return {
    write: async (chunk) => {
      const sealed = cipher.update(chunk);
      for (let done = 0; done < sealed.length; ) done += (await file.write(sealed, done)).bytesWritten;
    },
    read: () => {
      const stored = file.createReadStream({ start: 0, autoClose: false });
      const opened = createDecipheriv("aes-256-ctr", key, start);
      stored.once("close", () => {
        if (!stored.readableEnded) opened.destroy(new Error("the result was let go while it was read"));
      });
      return stored.pipe(opened);
    },
    drop: () => {
      if (isDropped) return;
      isDropped = true;
      void file
        .close()
        .then(() => rm(path, { force: true }))
        .catch(() => undefined);
    },
  };
}
