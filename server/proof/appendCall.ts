import type { AgreementId } from "../domain/ids.ts";

/** What a call of `AccessLog.append` carries. `digests` are 32 bytes each, one after the other. */
export type AppendCall = {
  readonly start: number;
  readonly digests: Buffer;
  readonly usages: readonly { readonly agreement: AgreementId; readonly count: number }[];
};

const selector = Buffer.from("30b71ce0", "hex");
const word = 32;

/** Reads calldata; undefined if it is no call of `append`, or reaches beyond its end. */
export function readAppendCall(calldata: Buffer): AppendCall | undefined {
  if (!calldata.subarray(0, selector.length).equals(selector)) return undefined;
  const words = calldata.subarray(selector.length);
  const [start, entriesAt, usagesAt] = [0, word, 2 * word].map((at) => numberAt(words, at));
  if (start === undefined || entriesAt === undefined || usagesAt === undefined) return undefined;
  const digests = listAt(words, entriesAt, word);
  const usages = listAt(words, usagesAt, 2 * word);
  if (digests === undefined || usages === undefined) return undefined;
  const counted = Array.from({ length: usages.length / (2 * word) }, (_, i) => {
    const agreement = `0x${usages.toString("hex", i * 2 * word, i * 2 * word + word)}` as AgreementId;
    return { agreement, count: numberAt(usages, i * 2 * word + word) };
  });
  if (counted.some(({ count }) => count === undefined)) return undefined;
  return { start, digests, usages: counted as AppendCall["usages"] };
}

/** A number of one word; undefined if it is not there or wider than what is counted. */
function numberAt(words: Buffer, at: number): number | undefined {
  if (at + word > words.length) return undefined;
  const isWide = words.subarray(at, at + word - 8).some((byte) => byte !== 0);
  const value = Number(words.readBigUInt64BE(at + word - 8));
  return isWide || !Number.isSafeInteger(value) ? undefined : value;
}

/** The elements of a list, without its length. */
function listAt(words: Buffer, at: number, width: number): Buffer | undefined {
  const length = numberAt(words, at);
  if (length === undefined) return undefined;
  const end = at + word + length * width;
  return end <= words.length ? words.subarray(at + word, end) : undefined;
}
