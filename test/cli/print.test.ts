import { expect, it } from "vitest";
import { writeSpan } from "../../scripts/cli/print.ts";

it.each([
  [0, "0 s"],
  [1, "1 s"],
  [60, "1 min"],
  [3_552, "59 min 12 s"],
  [3_600, "1 h"],
  [3_661, "1 h 1 min"],
  [90_061, "1 d 1 h"],
  [172_800, "2 d"],
])("%i seconds read %s", (seconds, text) => expect(writeSpan(seconds)).toBe(text));
