import type { Express, Response } from "express";
import type { MerkleTree } from "../domain/merkle.ts";
import { nodesAt, readTile, type Tile, tileWidth } from "../domain/tile.ts";
import { notFound, sendProblem } from "./problem.ts";

/** A log as tools for transparency logs read it (C2SP tlog-tiles). */
export type TiledLog = {
  readonly tree: Pick<MerkleTree, "hashes">;
  /** Digests of the entries `[start, end)`: they are what the tree holds, and no more of the entries is public. */
  readonly digests: (start: number, end: number) => readonly Buffer[];
  /** How many entries are anchored: of those beyond, nothing is shown. */
  readonly anchored: () => number;
  /** The signed checkpoint of the anchored head; undefined while there is none, or while the key that signs it is not on chain. */
  readonly checkpoint: () => string | undefined;
  /** A COSE receipt for an anchored entry, under the same conditions; the log must have more than one. */
  readonly coseReceipt: (index: number) => Buffer | undefined;
};

/** Serves `/checkpoint`, `/tile/` and COSE receipts. What stands in a tile never changes, so that it may be kept for ever. */
export function serveTiles(app: Express, log: TiledLog): void {
  app.get("/checkpoint", (_request, response) => {
    const note = log.checkpoint();
    if (note === undefined) sendProblem(response, { ...notFound, detail: "Nothing is anchored and signed yet." });
    else response.type("text/plain; charset=utf-8").send(note);
  });
  app.get("/v1/log/entries/:index/cose", (request, response) => {
    const isIndex = /^(0|[1-9][0-9]{0,14})$/.test(request.params.index);
    const receipt = isIndex ? log.coseReceipt(Number(request.params.index)) : undefined;
    if (receipt === undefined)
      sendProblem(response, { ...notFound, detail: "The entry is not anchored and signed yet." });
    else response.type('application/cose; cose-type="cose-sign1"').send(receipt);
  });
  app.get("/tile/*path", (request, response) => {
    const tile = readTile(request.path.slice("/tile/".length));
    const bytes = tile && bytesOf(tile, log);
    if (bytes === undefined) sendProblem(response, { ...notFound, detail: "The anchored log has no such tile." });
    else sendForGood(response, bytes);
  });
}

function sendForGood(response: Response, bytes: Buffer): void {
  response.set("cache-control", "public, max-age=31536000, immutable").type("application/octet-stream").send(bytes);
}

function bytesOf({ level, index, width }: Tile, { tree, digests, anchored }: TiledLog): Buffer | undefined {
  const start = index * tileWidth;
  const end = start + width;
  const height = level === "entries" ? 0 : level;
  if (end > nodesAt(height, anchored())) return undefined;
  return level === "entries" ? bundle(digests(start, end)) : tree.hashes(height * 8, start, end);
}

/** Each entry with its length before it, in two bytes. */
function bundle(entries: readonly Buffer[]): Buffer {
  const length = Buffer.of(0, 32);
  return Buffer.concat(entries.flatMap((entry) => [length, entry]));
}
