import { hash } from "node:crypto";
import type { Hash, Hex } from "./ids.ts";

/** SHA-256 of the concatenation of the parts: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [first = nothing, ...others] = parts;
  return Buffer.from(digestOf(others.length === 0 ? first : Buffer.concat(parts)), "latin1");
}

const nothing = Buffer.alloc(0);

/** SHA-256 of bytes, written to `out` at an offset. */
export function hashInto(out: Buffer, at: number, bytes: Uint8Array): void {
  out.write(digestOf(bytes), at, "latin1");
}

/** One character a byte: making a buffer, or an object that hashes, takes twice as long as hashing a node. */
const digestOf = (bytes: Uint8Array): string => hash("sha256", bytes, "binary");

/** Writes bytes as lower-case hex with `0x`. */
export function toHex<T extends Hex = Hash>(bytes: Uint8Array): T {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}` as T;
}

/** Reads hex with `0x`. The caller has validated it. */
export function fromHex(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}

export const zeroHash = `0x${"00".repeat(32)}` as Hash;
