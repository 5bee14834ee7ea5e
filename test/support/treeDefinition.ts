import { createHash } from "node:crypto";

/** SHA-256 of the parts, one after the other. */
export const digest = (...parts: readonly Uint8Array[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

/** Where RFC 9162 divides a list: at the largest power of two below its length. */
function splitOf(length: number): number {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
}

/** RFC 9162, 2.1.1, word by word. */
export function treeHash(inputs: readonly Uint8Array[]): Buffer {
  const [only] = inputs;
  if (only === undefined) return digest();
  if (inputs.length === 1) return digest(Buffer.of(0), only);
  const split = splitOf(inputs.length);
  return digest(Buffer.of(1), treeHash(inputs.slice(0, split)), treeHash(inputs.slice(split)));
}

/** RFC 9162, 2.1.3.1, word by word. */
export function inclusionPath(index: number, inputs: readonly Uint8Array[]): Buffer[] {
  if (inputs.length === 1) return [];
  const split = splitOf(inputs.length);
  const [left, right] = [inputs.slice(0, split), inputs.slice(split)];
  return index < split
    ? [...inclusionPath(index, left), treeHash(right)]
    : [...inclusionPath(index - split, right), treeHash(left)];
}

/** RFC 9162, 2.1.4.1, word by word; `isWhole` is its `b`. */
export function consistencyPath(from: number, inputs: readonly Uint8Array[], isWhole = true): Buffer[] {
  if (from === inputs.length) return isWhole ? [] : [treeHash(inputs)];
  const split = splitOf(inputs.length);
  const [left, right] = [inputs.slice(0, split), inputs.slice(split)];
  return from <= split
    ? [...consistencyPath(from, left, isWhole), treeHash(right)]
    : [...consistencyPath(from - split, right, false), treeHash(left)];
}
