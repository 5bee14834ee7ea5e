import { clamp, type Newborn } from "./newborn.ts";
import type { Random } from "./random.ts";

/** How the serum bilirubin of one newborn runs untreated: umol/L over hours of life. */
export type Course = { readonly peak: number; readonly peakHour: number };

/** Hours of life. */
export type Phototherapy = {
  readonly start: number;
  readonly stop: number;
  readonly indication: Indication;
  readonly tsb: number;
};
export type Indication = "above threshold" | "hemolysis" | "preterm";

const cordLevel = 32;
const steepness = 1.4;

/**
 * Draws a course. Chinese newborns peak near 205 umol/L (12 mg/dL) on day 4; each week less of gestation raises and delays the peak,
 * as do breast feeding, hemolysis by ABO or Rh incompatibility, and G6PD deficiency.
 */
export function createCourse(random: Random, newborn: Newborn): Course {
  const weeksShort = clamp(39.5 - newborn.gestationDays / 7, -1.5, 6);
  const feeding = { breast: 12, mixed: 2, formula: -20 }[newborn.feedingMode];
  const hemolysis = { none: 0, ABO: 20, Rh: 85 }[newborn.incompatibility] + (newborn.isDeficient ? 42 : 0);
  const own = random.normal(0, 40);
  return {
    peak: clamp(196 + 10 * weeksShort + feeding + hemolysis + own, 60, 440),
    peakHour: clamp(random.normal(90 + 8 * weeksShort - hemolysis / 6, 9), 60, 150),
  };
}

/** Serum bilirubin at an hour of life: the untreated course, lowered by phototherapy, which partly rebounds. */
export function serumAt(course: Course, hour: number, therapy: Phototherapy | undefined): number {
  const x = hour / course.peakHour;
  const untreated = cordLevel + (course.peak - cordLevel) * x ** steepness * Math.exp(steepness * (1 - x));
  if (therapy === undefined || hour <= therapy.start) return untreated;
  const lit = Math.min(hour, therapy.stop) - therapy.start;
  const rebound = 0.06 * clamp((hour - therapy.stop) / 24, 0, 1);
  return untreated * (Math.exp(-0.011 * lit) + rebound);
}

/** 95th percentile of the hour-specific nomogram (Bhutani 1999), umol/L, at 12 hours and every 12 hours on. */
const highRisk = [118, 137, 185, 222, 250, 272, 286, 294, 298, 301];

/**
 * The serum level from which the hospital treats, after the Chinese consensus of 2014: the 95th percentile of the nomogram, and 20 umol/L
 * less under 38 weeks or with hemolysis. Simplified for the demo; not for treating anybody.
 */
export function treatmentThreshold(newborn: Newborn, hour: number): number {
  const at = clamp(hour / 12 - 1, 0, highRisk.length - 1);
  const low = highRisk[Math.floor(at)] ?? 0;
  const high = highRisk[Math.ceil(at)] ?? 0;
  return low + (high - low) * (at % 1) - (indicationOf(newborn) === "above threshold" ? 0 : 20);
}

export function indicationOf(newborn: Newborn): Indication {
  if (newborn.incompatibility !== "none" || newborn.g6pd === "deficient") return "hemolysis";
  return newborn.gestationDays < 38 * 7 ? "preterm" : "above threshold";
}

export function startPhototherapy(random: Random, newborn: Newborn, hour: number, tsb: number): Phototherapy {
  const start = hour + 1 + random.uniform() * 3;
  const longer = indicationOf(newborn) === "hemolysis" ? 12 : 0;
  return { start, stop: start + clamp(random.normal(26 + longer, 8), 12, 72), indication: indicationOf(newborn), tsb };
}
