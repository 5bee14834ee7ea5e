import { getBytes, keccak256 } from "ethers";
import type { Hex } from "../domain/ids.ts";

/** What a block's bloom is made of: the address and the topics of a log. */
export type Bloomed = { readonly address: string; readonly topics: readonly string[] };

const bytesInBloom = 256;

/** The 2,048-bit bloom of logs, as a block's header has it over all logs of the block. */
export function bloomOf(logs: readonly Bloomed[]): Hex {
  const bloom = Buffer.alloc(bytesInBloom);
  for (const value of new Set(logs.flatMap(({ address, topics }) => [address, ...topics]))) {
    for (const bit of bitsOf(value)) {
      const at = bytesInBloom - 1 - (bit >> 3);
      bloom.writeUInt8(bloom.readUInt8(at) | (1 << (bit & 7)), at);
    }
  }
  return `0x${bloom.toString("hex")}`;
}

/** Whether a block with this bloom may have logs with this address or topic. False is certain, true is not. */
export function mayContain(bloom: Hex, value: string): boolean {
  const bytes = getBytes(bloom);
  return bitsOf(value).every((bit) => ((bytes[bytesInBloom - 1 - (bit >> 3)] ?? 0) >> (bit & 7)) % 2 === 1);
}

const known = new Map<string, readonly number[]>();
const mostKnown = 10_000;

function bitsOf(value: string): readonly number[] {
  const found = known.get(value);
  if (found !== undefined) return found;
  const hash = getBytes(keccak256(value));
  const bits = [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2_047);
  if (known.size >= mostKnown) known.clear();
  known.set(value, bits);
  return bits;
}
