/** Heuristics over bytes that are not UTF-8. */

const pairEncodings = ["gb18030", "big5", "shift_jis"] as const;

/**
 * Names the encoding that bytes most likely are in, as a label for `TextDecoder`; undefined if nothing fits. Looks for byte order marks,
 * NUL patterns (UTF-16), then for the pairs of bytes that frequent Chinese and Japanese characters have, then for single accented letters.
 */
export function guessEncoding(bytes: Uint8Array): string | undefined {
  const wide = guessWide(bytes);
  if (wide !== undefined) return wide;
  if (isMostlyUtf8(bytes)) return "utf-8";
  if (shareOfLoneBytes(bytes) > 0.5) return "windows-1252";
  const scored = pairEncodings
    .filter((label) => decodes(bytes, label))
    .map((label) => ({ label, score: scores[label](bytes) }));
  const best = scored.sort((a, b) => b.score - a.score)[0];
  return best !== undefined && best.score > 0.2 ? best.label : undefined;
}

/** True for UTF-8 in which at most a tenth of the characters beyond ASCII is damaged. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  let high = 0;
  let damaged = 0;
  for (const character of new TextDecoder().decode(bytes)) {
    if (character < "\x80") continue;
    high++;
    if (character === "\ufffd") damaged++;
  }
  return damaged * 10 <= high;
}

function guessWide(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  let even = 0;
  let odd = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) i % 2 === 0 ? even++ : odd++;
  if (even + odd < bytes.length / 10) return undefined;
  return odd > even ? "utf-16le" : "utf-16be";
}

/** True if the bytes are text in this encoding, but for a character cut off at the end. */
export function decodes(bytes: Uint8Array, label: string): boolean {
  try {
    new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Share of the bytes above 0x7f that stand alone between ASCII, as accented letters do. */
function shareOfLoneBytes(bytes: Uint8Array): number {
  let high = 0;
  let lone = 0;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue;
    high++;
    if ((bytes[i - 1] ?? 0) < 0x80 && (bytes[i + 1] ?? 0) < 0x80) lone++;
  }
  return high === 0 ? 0 : lone / high;
}

const scores: Readonly<Record<(typeof pairEncodings)[number], (bytes: Uint8Array) => number>> = {
  gb18030: (bytes) => shareOfPairs(bytes, (lead, trail) => lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1),
  big5: (bytes) => shareOfPairs(bytes, (lead, trail) => lead >= 0xa4 && lead <= 0xc6 && isBig5Trail(trail)),
  shift_jis: (bytes) => shareOfPairs(bytes, (lead, trail) => (lead === 0x82 && trail >= 0x9f) || lead === 0x83),
};

function isBig5Trail(trail: number): boolean {
  return (trail >= 0x40 && trail <= 0x7e) || trail >= 0xa1;
}

/** Share of the two-byte characters that a script's most frequent characters take. */
function shareOfPairs(bytes: Uint8Array, isFrequent: (lead: number, trail: number) => boolean): number {
  let pairs = 0;
  let frequent = 0;
  for (let i = 0; i < bytes.length - 1; i++) {
    const lead = bytes[i] ?? 0;
    if (lead < 0x80) continue;
    pairs++;
    i++;
    if (isFrequent(lead, bytes[i] ?? 0)) frequent++;
  }
  return pairs === 0 ? 0 : frequent / pairs;
}
