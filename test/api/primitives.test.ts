import { describe, expect, it } from "vitest";
import { time } from "../../server/api/primitives.ts";

describe("a time of the API", () => {
  it.each(["2027-06-30T08:00:00Z", "2028-02-29T23:59:59.999Z", "9999-12-31T00:00:00Z", "+010000-01-01T00:00:00Z"])(
    "takes %s",
    (text) => {
      expect(time.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    "2026-99-99T99:99:99Z",
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00.000Z",
    "2026-01-01T24:00:00Z",
    "+999999-01-01T00:00:00Z",
    "2026-01-01T00:00:00+08:00",
    "2026-01-01",
  ])("refuses %s, which is none", (text) => {
    expect(time.safeParse(text).success).toBe(false);
  });
});
