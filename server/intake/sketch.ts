/** The distinct values of a column in bounded memory: the smallest hashes, which are the same sample in every column. */
export type Sketch = { readonly hashes: Set<number>; limit: number };

/** How many hashes are kept at least; an estimate is off by about 1.5 %. */
const kept = 4_096;

export function createSketch(): Sketch {
  return { hashes: new Set(), limit: Number.POSITIVE_INFINITY };
}

export function addToSketch(sketch: Sketch, text: string): void {
  const hash = hashText(text);
  if (hash > sketch.limit) return;
  sketch.hashes.add(hash);
  if (sketch.hashes.size > 2 * kept) shrink(sketch);
}

function shrink(sketch: Sketch): void {
  const smallest = Float64Array.from(sketch.hashes).sort().subarray(0, kept);
  sketch.hashes.clear();
  for (const hash of smallest) sketch.hashes.add(hash);
  sketch.limit = smallest[kept - 1] ?? 0;
}

/** Counts distinct values: exactly as long as all were kept, else by estimate. */
export function countDistinct(sketch: Sketch): number {
  if (sketch.limit === Number.POSITIVE_INFINITY) return sketch.hashes.size;
  return Math.round((sketch.hashes.size / sketch.limit) * hashSpace);
}

/** How much of `inner` lies in `outer`, judged by the values that both would have kept: `hits` of `compared`. */
export function containment(inner: Sketch, outer: Sketch): { compared: number; hits: number } {
  const limit = Math.min(inner.limit, outer.limit);
  let compared = 0;
  let hits = 0;
  for (const hash of inner.hashes) {
    if (hash > limit) continue;
    compared++;
    if (outer.hashes.has(hash)) hits++;
  }
  return { compared, hits };
}

const hashSpace = 2 ** 53;

/** Spreads a text over 53 bits; no secret and no protection, just a sample. */
function hashText(text: string): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x27d4eb2f);
  }
  high = mix(high ^ (low >>> 15));
  low = mix(low ^ (high >>> 13));
  return (high >>> 11) * 4_294_967_296 + (low >>> 0);
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
