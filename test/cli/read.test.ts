import { describe, expect, it } from "vitest";
import { readFields } from "../../scripts/cli/offerAgreement.ts";
import { Mistake, pick } from "../../scripts/cli/context.ts";
import { displayWidth, inert, writeTime } from "../../scripts/cli/print.ts";
import { mostOf, readCount, readOne, readSeconds, readTime } from "../../scripts/cli/read.ts";
import type { Description } from "../../server/domain/dataset.ts";

describe("a time", () => {
  const now = (): number => Math.floor(Date.now() / 1_000);

  it.each([
    ["now", 0],
    ["90d", 90 * 86_400],
    ["12h", 12 * 3_600],
    ["5m", 300],
    ["1s", 1],
    ["2y", 2 * 365 * 86_400],
  ])("%s is a span from now", (text, seconds) => {
    const before = now();
    const read = readTime(text) - seconds;
    expect(read).toBeGreaterThanOrEqual(before);
    expect(read).toBeLessThanOrEqual(now());
  });

  it.each([
    ["2028-02-29", "2028-02-29T00:00:00Z"],
    ["2027-06-30", "2027-06-30T00:00:00Z"],
    ["2027-06-30T08:00Z", "2027-06-30T08:00:00Z"],
    ["2027-12-31T23:59:59Z", "2027-12-31T23:59:59Z"],
  ])("%s is in UTC", (text, time) => {
    expect(writeTime(readTime(text))).toBe(time);
  });

  it.each([
    ...[
      "",
      "tomorrow",
      "90",
      "d",
      "0d",
      "-1d",
      "1.5d",
      "1w",
      "9999999d",
      "2027-6-30",
      "30.06.2027",
      "2027-13-01",
      "2027-00-10",
    ],
    ...[
      "2027-02-29",
      "2027-02-31",
      "2027-04-31",
      "2027-06-30T24:00:01Z",
      "2027-06-30T08:00",
      "2027-06-30T08:00+08:00",
      "2027-06-30 08:00Z",
    ],
    ...["2027-06-30T08:61Z", " now", "now ", "２０２７-06-30"],
  ])("%j is none", (text) => {
    expect(() => readTime(text)).toThrow(Mistake);
    expect(() => readTime(text)).toThrow("Write a span from now (90d, 12h), a day (2027-06-30)");
  });
});

describe("a count", () => {
  it("goes from 1 to what the contracts hold", () => {
    expect(readCount("max-uses", "1", mostOf(64))).toBe(1n);
    expect(readCount("max-uses", "18446744073709551615", mostOf(64))).toBe(2n ** 64n - 1n);
    expect(readCount("min-cohort", "4294967295", mostOf(32))).toBe(2n ** 32n - 1n);
  });

  it.each([
    "0",
    "-1",
    "01",
    "1.0",
    "1e3",
    "0x10",
    "",
    " 1",
    "1 ",
    "many",
    "１",
    "256",
    "18446744073709551616",
    "9".repeat(40),
  ])("%j is none", (text) => {
    expect(() => readCount("approvals", text, mostOf(8))).toThrow(
      `--approvals is "${text}" and must be a whole number from 1 to 255`,
    );
  });

  it.each(["", "-1", "1.5", "soon", "NaN", "Infinity", "1e3", "9999999"])("%j is no number of seconds", (text) => {
    expect(() => readSeconds("wait", text)).toThrow("--wait");
    expect(readSeconds("wait", "0")).toBe(0);
  });

  it("of a list is found without regard to case, and told which there are", () => {
    expect(readOne("disclosure", "aggregate", ["Aggregate", "Identified"])).toBe("Aggregate");
    expect(() => readOne("disclosure", "all", ["Aggregate", "Identified"])).toThrow(
      "must be one of Aggregate, Identified",
    );
  });
});

describe("fields", () => {
  const field = (name: string, level: "Neutral" | "Direct") => ({ name, fieldType: "Text", level }) as const;
  const description: Description = {
    title: "x",
    tables: [
      { name: "a", patientKey: "", fields: [field("x", "Neutral"), field("y", "Direct")] },
      { name: "ab", patientKey: "", fields: [field("x", "Neutral")] },
    ],
    joins: [],
  };

  it.each([
    ["a.x", 0b001n],
    ["a.y", 0b010n],
    ["a.*", 0b001n],
    ["ab.*", 0b100n],
    ["*", 0b101n],
    [" a.x , ab.x ", 0b101n],
    ["a.x,a.x", 0b001n],
  ])("%j is a bitmap in which a star takes no direct identifier", (text, bitmap) => {
    expect(readFields({ description }, text)).toBe(bitmap);
  });

  it.each(["", "a", "x", "a.z", "a.x,", "c.*", "a*", "**", "A.x"])("%j is refused", (text) => {
    expect(() => readFields({ description }, text)).toThrow(Mistake);
  });
});

describe("what is meant by a name", () => {
  const all = ["0xabcd1", "0xabcd2", "0xabce"].map((id) => ({ id }));
  const find = (asked: string) => pick("thing", asked, all, ({ id }) => [id]);

  it("is the one that is called so, or the only one that begins so", () => {
    expect(find("0xabce").id).toBe("0xabce");
    expect(find("0xabcd2").id).toBe("0xabcd2");
    expect(pick("thing", "ab", [{ id: "ab" }, { id: "abc" }], ({ id }) => [id]).id).toBe("ab");
  });

  it("is nothing if it is several, none, or too short", () => {
    expect(() => find("0xabcd")).toThrow('more than one thing is called "0xabcd"');
    expect(() => find("0xff")).toThrow('no thing is called "0xff"');
    expect(() => find("0xa")).toThrow(Mistake);
    expect(() => find("")).toThrow(Mistake);
  });
});

describe("text for a terminal", () => {
  it("has no character that moves the cursor or turns the line around", () => {
    expect(inert("a\u001b[2Jb\r\n\u202ec\u0007\u009b")).toBe("a\ufffd[2Jb\ufffd\ufffd\ufffdc\ufffd\ufffd");
    expect(inert("新生儿 é 🦠")).toBe("新生儿 é 🦠");
  });

  it("counts Chinese characters as two", () => {
    expect(displayWidth("新生儿ab")).toBe(8);
  });
});
