/** Bytes as lower-case hex with `0x`. */
export function toHex(bytes: Uint8Array): string {
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Reads lower-case hex with `0x`. Throws for anything else. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (!/^0x([0-9a-f]{2})*$/.test(hex)) throw new TypeError("not lower-case hex");
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

export const isEqual = (a: Uint8Array, b: Uint8Array): boolean => toHex(a) === toHex(b);
