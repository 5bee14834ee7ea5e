import type { Random } from "./random.ts";

/** What is known of a newborn at birth. Times are milliseconds of the Unix epoch. */
export type Newborn = {
  readonly sex: "M" | "F";
  readonly gestationDays: number;
  readonly birthWeight: number;
  readonly deliveryMode: "vaginal" | "assisted" | "caesarean";
  readonly feedingMode: "breast" | "mixed" | "formula";
  readonly incompatibility: "none" | "ABO" | "Rh";
  readonly isDeficient: boolean;
  readonly g6pd: "normal" | "deficient" | "untested";
  readonly bornAt: number;
};

const firstBirth = Date.UTC(2024, 0, 1);
const birthSpanMinutes = 2 * 365 * 24 * 60;

/** Draws a newborn: shares as in a women's and children's hospital in the south of China. */
export function createNewborn(random: Random): Newborn {
  const sex = random.chance(0.525) ? "M" : "F";
  const gestationDays = drawGestation(random);
  const isDeficient = random.chance(sex === "M" ? 0.055 : 0.025);
  return {
    sex,
    gestationDays,
    birthWeight: drawWeight(random, sex, gestationDays),
    deliveryMode: random.weigh([
      ["vaginal", 55],
      ["assisted", 3],
      ["caesarean", gestationDays < 259 ? 60 : 40],
    ]),
    feedingMode: random.weigh([
      ["breast", 55],
      ["mixed", 33],
      ["formula", 12],
    ]),
    incompatibility: random.weigh([
      ["none", 863],
      ["ABO", 134],
      ["Rh", 3],
    ]),
    isDeficient,
    g6pd: random.chance(0.1) ? "untested" : isDeficient ? "deficient" : "normal",
    bornAt: firstBirth + random.integer(0, birthSpanMinutes) * 60_000,
  };
}

/** 92 % at term, 7 % late preterm, 1 % from 32 weeks on. */
function drawGestation(random: Random): number {
  const kind = random.weigh([
    ["term", 92],
    ["late", 7],
    ["early", 1],
  ]);
  if (kind === "early") return random.integer(32 * 7, 34 * 7 - 1);
  if (kind === "late") return Math.max(random.integer(34 * 7, 37 * 7 - 1), random.integer(34 * 7, 37 * 7 - 1));
  return clamp(Math.round(random.normal(276, 8)), 37 * 7, 42 * 7);
}

function drawWeight(random: Random, sex: "M" | "F", gestationDays: number): number {
  const mean = 3_290 + ((gestationDays - 276) / 7) * 155 + (sex === "M" ? 60 : -60);
  return clamp(Math.round(random.normal(mean, 370) / 5) * 5, 1_300, 5_200);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
