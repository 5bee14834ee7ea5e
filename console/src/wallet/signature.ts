import type { Hex } from "../../../server/domain/ids.ts";

/** Writes a wallet's signature in the one form that is accepted: lower-case hex, v 27 or 28. Throws if it is none. */
export function canonicalSignature(signature: unknown): Hex {
  const text = String(signature).toLowerCase();
  if (!/^0x[0-9a-f]{130}$/.test(text)) throw new Error("the wallet gave no signature of 65 bytes");
  const v = Number.parseInt(text.slice(-2), 16);
  return `${text.slice(0, -2)}${(v < 27 ? v + 27 : v).toString(16)}` as Hex;
}
