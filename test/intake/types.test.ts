import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { isChineseId, patternOf } from "../../server/intake/patterns.ts";
import { addToSketch, containment, countDistinct, createSketch } from "../../server/intake/sketch.ts";
import { columnOf, createFiles, prepare } from "./support.ts";

const files = createFiles();
afterAll(files.remove);

it.each([
  ["Integer", ["0", "-5", "9223372036854775807", "-9223372036854775808", ""]],
  ["Text", ["1", "9223372036854775808"]],
  ["Text", ["1", "-9223372036854775809"]],
  ["Text", ["1", "007"]],
  ["Text", ["1", "+7"]],
  ["Text", ["1", "-0"]],
  ["Text", ["1", " 2"]],
  ["Text", ["20240000000000000001", "20240000000000000002"]],
  ["Decimal", ["1", "0.10", "-3.1415926535897932384626433832795", ".5"]],
  ["Decimal", ["1.5", "1e-05", "2.5E+10"]],
  ["Text", ["1.5", "12E4"]],
  ["Text", ["1.5", "3E-2"]],
  ["Text", ["1.5", "00.5"]],
  ["Text", ["1.5", "NaN"]],
  ["Text", ["1.5", "1,5"]],
  ["Boolean", ["true", "false", "TRUE", ""]],
  ["Text", ["true", "yes"]],
  ["Text", ["true", "1"]],
  ["Date", ["2024-02-29", "0001-01-01", "9999-12-31"]],
  ["Text", ["2023-02-29"]],
  ["Text", ["2024-13-01"]],
  ["Text", ["2024-00-10"]],
  ["Text", ["2024/01/02"]],
  [
    "Timestamp",
    ["2024-01-02T03:04:05Z", "2024-01-02 03:04", "2024-01-02T03:04:05.123456+08:00", "2024-01-02T03:04:05-0330"],
  ],
  ["Text", ["2024-01-02T24:00:00Z"]],
  ["Text", ["2024-01-02T03:60Z"]],
  ["Text", ["2024-01-02T03:04:05.1234567Z"]],
  ["Text", ["2024-01-02T03:04:05+15:00"]],
  ["Text", ["2024-01-02", "2024-01-02T03:04:05Z"]],
  ["Text", ["", ""]],
])("infers %s from %j", async (fieldType, values) => {
  const file = files.write("typed.csv", `id,v\n${values.map((value, i) => `${i},"${value}"`).join("\n")}\n`);
  expect(columnOf(await prepare([file]), "typed", "v").fieldType).toBe(fieldType);
});

it("says which times it takes as UTC", async () => {
  const file = files.write(
    "times.csv",
    "id,zoned,local\n1,2024-01-02T03:04:05Z,2024-01-02 03:04\n2,2024-01-02T03:04+08,2024-01-02 03:04:05\n",
  );
  expect((await prepare([file])).notes).toEqual(["times.local has times without an offset; they are taken as UTC."]);
});

it("knows a resident identity number by its check digit", () => {
  expect(isChineseId("11010519491231002X")).toBe(true);
  expect(isChineseId("11010519491231002x")).toBe(true);
  expect(isChineseId("110105194912310021")).toBe(false);
  expect(isChineseId("11010519491331002X")).toBe(false);
  expect(patternOf("13800138000")).toBe("Mobile");
  expect(patternOf("12800138000")).toBeUndefined();
});

it("counts distinct values in bounded memory, exactly when few and closely when many", () => {
  const few = createSketch();
  const many = createSketch();
  for (let i = 0; i < 5_000; i++) addToSketch(few, `value ${i}`);
  for (let i = 0; i < 200_000; i++) addToSketch(many, `value ${i}`);
  expect(countDistinct(few)).toBe(5_000);
  expect(many.hashes.size).toBeLessThanOrEqual(8_192);
  expect(Math.abs(countDistinct(many) / 200_000 - 1)).toBeLessThan(0.06);
  const { compared, hits } = containment(few, many);
  expect(compared).toBeGreaterThan(20);
  expect(hits).toBe(compared);
});

it("finds a value that the other column lacks", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 200 }), (values) => {
      const all = createSketch();
      const most = createSketch();
      values.forEach((value, index) => {
        addToSketch(all, value);
        if (index > 0) addToSketch(most, value);
      });
      expect(containment(most, all)).toEqual({ compared: values.length - 1, hits: values.length - 1 });
      expect(containment(all, most)).toEqual({ compared: values.length, hits: values.length - 1 });
    }),
  );
});
