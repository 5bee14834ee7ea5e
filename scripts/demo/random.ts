/** A seeded source of random numbers. The same seed gives the same numbers on every machine and day. */
export type Random = {
  /** At least 0, below 1. */
  readonly uniform: () => number;
  readonly normal: (mean: number, deviation: number) => number;
  /** A whole number from `least` to `most`, both included. */
  readonly integer: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(choices: readonly T[]) => T;
  /** Picks by weights that need not add up to 1. */
  readonly weigh: <T>(choices: readonly (readonly [T, number])[]) => T;
};

/** Creates a source from a text: four words of state, xor-shift and multiply (sfc32's scheme). */
export function createRandom(seed: string): Random {
  const uniform = createUniform(seed);
  const integer = (least: number, most: number): number => least + Math.floor(uniform() * (most - least + 1));
  return Object.freeze({
    uniform,
    integer,
    normal: (mean: number, deviation: number) => mean + deviation * standardNormal(uniform),
    chance: (probability: number) => uniform() < probability,
    pick: <T>(choices: readonly T[]): T => choices[integer(0, choices.length - 1)] as T,
    weigh: <T>(choices: readonly (readonly [T, number])[]): T => weighed(choices, uniform()),
  });
}

function createUniform(seed: string): () => number {
  let [a, b, c, counter] = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (const character of seed) {
    a ^= Math.imul(character.codePointAt(0) ?? 0, 0x9e3779b1);
    next();
  }
  for (let i = 0; i < 16; i++) next();
  return () => next() / 4_294_967_296;
}

/** Box and Muller. */
function standardNormal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function weighed<T>(choices: readonly (readonly [T, number])[], at: number): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = at * total;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices[choices.length - 1]?.[0] as T;
}
