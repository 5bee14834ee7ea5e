import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { decodes, guessEncoding } from "./encoding.ts";
import { FileEmpty, FileUnreadable } from "./errors.ts";
import { EncodingMismatch, EncodingUnknown, EncodingUnneeded } from "./fileErrors.ts";

type Decoder = InstanceType<typeof TextDecoder>;

const chunkBytes = 1 << 18;
const sampleBytes = 1 << 16;

/**
 * Streams the text of a file, without a byte order mark. Throws `EncodingMismatch` at the first byte that is not in the encoding, and at
 * NUL, which no text of ours holds. `onBytes` is told how many bytes each chunk had.
 */
export async function* decodeFile(
  file: string,
  encoding: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = createDecoder(encoding);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
      const text = decoder.decode(chunk as Buffer, { stream: true });
      if (text.includes("\0")) throw new TypeError("NUL");
      onBytes((chunk as Buffer).length);
      if (text !== "") yield text;
    }
    yield decoder.decode();
  } catch (error) {
    throw await explain(file, encoding, error);
  }
}

/**
 * Settles how to read a file: a byte order mark wins over the option. Throws `EncodingUnneeded` if the option names another encoding than
 * UTF-8 for a file that plainly is UTF-8.
 */
export async function chooseEncoding(file: string, option: string | undefined): Promise<string> {
  const sample = await readSample(file, 0);
  if (sample.length === 0) throw new FileEmpty(file);
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return "utf-8";
  if (option === undefined) return "utf-8";
  const encoding = createDecoder(option).encoding;
  if (encoding !== "utf-8" && !encoding.startsWith("utf-16") && isPlainlyUtf8(sample))
    throw new EncodingUnneeded(file, option);
  return encoding;
}

function createDecoder(encoding: string): Decoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new EncodingUnknown(encoding);
  }
}

/** A few characters of GBK may pass for UTF-8; many do not. */
function isPlainlyUtf8(sample: Buffer): boolean {
  const high = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  return high >= 24 && decodes(sample, "utf-8");
}

async function explain(file: string, encoding: string, error: unknown): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).syscall !== undefined) return new FileUnreadable(file, error);
  if (!(error instanceof TypeError)) return error;
  const place = await locate(file, encoding);
  if (place === undefined) return error;
  const around = await readSample(file, Math.max(0, place.offset - (place.offset % 2) - sampleBytes / 2));
  const start = await readSample(file, 0);
  const likely = guessEncoding(start.includes(0) || place.offset < sampleBytes / 2 ? start : alignToLine(around));
  return new EncodingMismatch({ file, encoding, ...place, likely });
}

function alignToLine(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf(0x0a) + 1);
}

/** Reads the file once more, byte by byte where it fails, to find the place that the decoder does not tell. */
async function locate(file: string, encoding: string): Promise<{ offset: number; line: number } | undefined> {
  const decoder = createDecoder(encoding);
  const careful = createDecoder(encoding);
  let offset = 0;
  let line = 1;
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
    const bad = decodesNext(decoder, chunk) ? undefined : firstBad(careful, chunk);
    const good = bad === undefined ? (chunk as Buffer) : (chunk as Buffer).subarray(0, bad);
    line += countLines(good);
    offset += good.length;
    if (bad !== undefined) return { offset, line };
    careful.decode(chunk, { stream: true });
  }
  return { offset, line };
}

function decodesNext(decoder: Decoder, bytes: Buffer): boolean {
  try {
    return !decoder.decode(bytes, { stream: true }).includes("\0");
  } catch {
    return false;
  }
}

function firstBad(decoder: Decoder, chunk: Buffer): number {
  for (let i = 0; i < chunk.length; i++) if (!decodesNext(decoder, chunk.subarray(i, i + 1))) return i;
  return chunk.length;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

async function readSample(file: string, from: number): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(sampleBytes), 0, sampleBytes, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new FileUnreadable(file, error);
  }
}
