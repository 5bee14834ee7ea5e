/** A tile of a log's tree, or a bundle of its entries (C2SP tlog-tiles). `width` is 256 unless it is partial. */
export type Tile = { readonly level: number | "entries"; readonly index: number; readonly width: number };

export const tileWidth = 256;

/** Reads what follows `/tile/` in a path; undefined if it names no tile in the one form that names it. */
export function readTile(path: string): Tile | undefined {
  const [, level = "", groups = "", partial] =
    /^(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ?? [];
  const index = Number(groups.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? tileWidth : Number(partial);
  const isPartial = partial === undefined || width < tileWidth;
  const height = level === "entries" ? 0 : Number(level);
  const tile: Tile = { level: level === "entries" ? level : height, index, width };
  const isOne = groups !== "" && isPartial && height < 64 && Number.isSafeInteger(index) && writeTile(tile) === path;
  return isOne ? tile : undefined;
}

/** What follows `/tile/` in a tile's path: the index in groups of three digits, all but the last with an x before. */
export function writeTile({ level, index, width }: Tile): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = (padded.match(/.{3}/g) ?? []).map((group, i, all) => (i === all.length - 1 ? group : `x${group}`));
  return `${level}/${groups.join("/")}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** How many nodes of a level a tree of this size has whole: of level 1, one for each 256 entries. */
export function nodesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** All tiles of the tree of a size, and its bundles of entries if asked for. */
export function tilesOf(size: number, level: number | "entries"): Tile[] {
  const nodes = nodesAt(level === "entries" ? 0 : level, size);
  return Array.from({ length: Math.ceil(nodes / tileWidth) }, (_, index) => ({
    level,
    index,
    width: Math.min(tileWidth, nodes - index * tileWidth),
  }));
}
