import type { Phototherapy } from "./jaundice.ts";
import { clamp } from "./newborn.ts";
import type { Random } from "./random.ts";

/** A transcutaneous bilirubin meter with its own error. The models are made up. */
export type Meter = {
  readonly model: string;
  readonly serial: string;
  readonly offset: number;
  readonly noise: number;
};

export type Site = "sternum" | "forehead";

const models = [
  { model: "JX-200", offset: 4, noise: 15, count: 7 },
  { model: "JX-310", offset: 0, noise: 11, count: 9 },
  { model: "BM-5", offset: -7, noise: 19, count: 6 },
] as const;

/** The hospital's meters: each differs a little from its model. */
export function createMeters(random: Random): Meter[] {
  return models.flatMap(({ model, offset, noise, count }) =>
    Array.from({ length: count }, () => ({
      model,
      serial: `${model.replace("-", "")}${random.integer(10_000_000, 99_999_999)}`,
      offset: offset + random.normal(0, 3),
      noise,
    })),
  );
}

/** From here on, skin lags behind serum: 12 mg/dL. */
const highLevel = 205;

/**
 * What a meter shows for a serum level, umol/L: close at moderate levels, too low at high ones, lower on the forehead, and much too low on
 * skin that phototherapy bleached, until a day after it.
 */
export function readMeter(
  random: Random,
  meter: Meter,
  site: Site,
  tsb: number,
  hour: number,
  therapy: Phototherapy | undefined,
): number {
  const lag = 0.2 * Math.max(0, tsb - highLevel);
  const bleached = 0.2 * tsb * bleaching(hour, therapy);
  const seen = tsb + meter.offset - lag - bleached - (site === "forehead" ? 5 : 0);
  return clamp(seen + random.normal(0, meter.noise), 0, 342);
}

function bleaching(hour: number, therapy: Phototherapy | undefined): number {
  if (therapy === undefined || hour <= therapy.start) return 0;
  return hour <= therapy.stop ? 1 : clamp(1 - (hour - therapy.stop) / 36, 0, 1);
}
