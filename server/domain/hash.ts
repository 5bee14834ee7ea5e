import { createHash } from "node:crypto";
import type { Hash, Hex } from "./ids.ts";

/** SHA-256 of the concatenation of the parts: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Writes bytes as lower-case hex with `0x`. */
export function toHex<T extends Hex = Hash>(bytes: Uint8Array): T {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}` as T;
}

/** Reads hex with `0x`. The caller has validated it. */
export function fromHex(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}

export const zeroHash = `0x${"00".repeat(32)}` as Hash;
