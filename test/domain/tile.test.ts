import { describe, expect, it } from "vitest";
import { nodesAt, readTile, tilesOf, writeTile } from "../../server/domain/tile.ts";

describe("paths of tiles", () => {
  it.each([
    ["0/000", { level: 0, index: 0, width: 256 }],
    ["0/x001/x234/067", { level: 0, index: 1_234_067, width: 256 }],
    ["1/273.p/17", { level: 1, index: 273, width: 17 }],
    ["63/000.p/1", { level: 63, index: 0, width: 1 }],
    ["entries/x001/000.p/255", { level: "entries", index: 1_000, width: 255 }],
  ] as const)("%s", (path, tile) => {
    expect(readTile(path)).toEqual(tile);
    expect(writeTile(tile)).toBe(path);
  });

  it.each([
    "",
    "0",
    "0/",
    "0/0",
    "0/0000",
    "00/000",
    "64/000",
    "-1/000",
    "a/000",
    "data/000",
    "0/x000/000",
    "0/x001",
    "0/001/000",
    "0/X001/000",
    "0/000.p/0",
    "0/000.p/256",
    "0/000.p/01",
    "0/000.p/",
    "0/000.p",
    "0/000/",
    "0/../000",
    "0/x999/x999/x999/x999/x999/x999/x999/999",
    "entries/000.p/-1",
    "0/000\n",
  ])("%j names none", (path) => {
    expect(readTile(path)).toBeUndefined();
  });
});

describe("tiles of a tree", () => {
  it("are those of C2SP's example of 70,000 entries", () => {
    const widths = (level: number): number[] => tilesOf(70_000, level).map(({ width }) => width);
    expect(widths(0)).toHaveLength(274);
    expect(
      widths(0)
        .slice(0, 273)
        .every((width) => width === 256),
    ).toBe(true);
    expect(widths(0).at(-1)).toBe(112);
    expect(widths(1)).toEqual([256, 17]);
    expect(widths(2)).toEqual([1]);
    expect(widths(3)).toEqual([]);
    expect(tilesOf(256, 0)).toEqual([{ level: 0, index: 0, width: 256 }]);
    expect(tilesOf(256, 1)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(nodesAt(63, Number.MAX_SAFE_INTEGER)).toBe(0);
  });
});
