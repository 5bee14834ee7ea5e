import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { originOf, readCheckpoint } from "../../server/domain/checkpoint.ts";
import { fromHex, toHex } from "../../server/domain/hash.ts";
import type { AgreementId, Hash } from "../../server/domain/ids.ts";
import { leafHash, type TreeHead } from "../../server/domain/merkle.ts";
import { openNote } from "../../server/domain/signedNote.ts";
import { tilesOf, writeTile } from "../../server/domain/tile.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { createDatapact } from "../support/cli.ts";
import { flipBit } from "../support/sigstore.ts";
import { ask, sign, startTestSpace, type TestSpace } from "../support/space.ts";
import { treeHash } from "../support/treeDefinition.ts";

const entries = 300;
let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
});
afterAll(() => space.stop());

const get = async (path: string): Promise<{ status: number; bytes: Buffer; cache: string; type: string }> => {
  const response = await fetch(`${gateway.url}${path}`);
  const header = (name: string): string => response.headers.get(name) ?? "";
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, bytes, cache: header("cache-control"), type: header("content-type") };
};

/** The key that the chain names, and the head that it signed. */
async function readSigned(): Promise<{ note: string; head: TreeHead | undefined; key: Hash }> {
  const { reader, readHead, domainOf } = space.founded.space;
  const key = await reader.noteKey(gateway.id, (await readHead()).hash);
  const origin = originOf(domainOf("AccessLog"), gateway.id);
  const note = (await get("/checkpoint")).bytes.toString();
  const text = openNote(note, { name: origin, publicKey: fromHex(key) });
  return { note, head: text === undefined ? undefined : readCheckpoint(text, origin), key };
}

const slices = (bytes: Buffer, width: number): Buffer[] =>
  Array.from({ length: bytes.length / width }, (_, i) => bytes.subarray(i * width, (i + 1) * width));

describe("the log in the form of tlog-tiles", () => {
  it("has nothing to sign before anything is anchored", async () => {
    expect((await get("/checkpoint")).status).toBe(404);
    expect((await get("/tile/0/000.p/1")).status).toBe(404);
  });

  it("signs the anchored head with the key on chain", async () => {
    const ends = await Promise.all(Array.from({ length: entries }, () => ask(space, gateway, agreement)));
    expect(ends.every((answer) => "result" in answer)).toBe(true);
    const client = createClient(gateway.url);
    await expect.poll(async () => (await client.log()).anchored?.size).toBe(entries);
    const { head, note, key } = await readSigned();
    expect(head).toEqual({ size: entries, root: fromHex((await client.log()).anchored?.root ?? "0x") });
    expect(toHex(Buffer.from(key.slice(2), "hex"))).not.toBe(`0x${"00".repeat(32)}`);
    const { cache, type } = await get("/checkpoint");
    expect([cache, type]).toEqual(["no-store", "text/plain; charset=utf-8"]);
    const origin = originOf(space.founded.space.domainOf("AccessLog"), gateway.id);
    expect(openNote(note, { name: origin, publicKey: flipBit(fromHex(key), 9) })).toBeUndefined();
  });

  it("is rebuilt from tiles and bundles alone, by the definition of the tree", async () => {
    const { head } = await readSigned();
    const size = head?.size ?? 0;
    const tiles = async (level: number | "entries") =>
      Promise.all(tilesOf(size, level).map((tile) => get(`/tile/${writeTile(tile)}`)));
    const bundles = await tiles("entries");
    const digests = bundles
      .flatMap(({ bytes }) => slices(bytes, 34))
      .map((entry) => {
        expect(entry.readUInt16BE(0)).toBe(32);
        return entry.subarray(2);
      });
    expect(digests).toHaveLength(entries);
    expect(treeHash(digests)).toEqual(head?.root);
    const leaves = (await tiles(0)).flatMap(({ bytes }) => slices(bytes, 32));
    expect(leaves).toEqual(digests.map((digest) => leafHash(digest)));
    const [above] = await tiles(1);
    expect(above?.bytes).toEqual(treeHash(digests.slice(0, 256)));
    expect(await tiles(2)).toEqual([]);
    for (const { status, cache, type } of [...bundles, ...(await tiles(0))])
      expect([status, cache, type]).toEqual([200, "public, max-age=31536000, immutable", "application/octet-stream"]);
  });

  it("gives COSE receipts, and the command line verifies them and the checkpoint against the chain", async () => {
    const evidence = join(space.home.folder, "kept.json");
    const signed = sign(space, gateway, agreement);
    const { entry, receipt, ...rest } = await createClient(gateway.url).use(signed);
    writeFileSync(
      evidence,
      JSON.stringify({ signed, entry, receipt, ...("result" in rest ? { result: rest.result } : {}) }),
    );
    const client = createClient(gateway.url);
    await expect.poll(async () => (await client.log()).anchored?.size).toBe(entries + 1);
    const datapact = createDatapact(space, gateway);
    const out = join(space.home.folder, "receipt.cose");
    expect(await datapact("cose", evidence, out)).toMatchObject({ code: 0, error: "" });
    const run = await datapact("verify", "cose", out, "--receipt", evidence, "--json");
    expect(JSON.parse(run.out)).toMatchObject({ subject: "cose", holds: true });
    const whole = readFileSync(out);
    writeFileSync(out, flipBit(whole, whole.length * 8 - 9));
    const damaged = await datapact("verify", "cose", out, "--receipt", evidence, "--json");
    expect([damaged.code, JSON.parse(damaged.out).broken.check]).toEqual([1, "signature"]);
    const number = "DEMO-HOS-0001/1";
    const checkpoint = await datapact("verify", "checkpoint", "--gateway", number, "--json");
    expect(JSON.parse(checkpoint.out)).toMatchObject({ holds: true, facts: { size: entries + 1 } });
    writeFileSync(out, (await get("/checkpoint")).bytes.toString().replace(`\n${entries + 1}\n`, `\n${entries}\n`));
    const forged = await datapact("verify", "checkpoint", out, "--gateway", number, "--json");
    expect([forged.code, JSON.parse(forged.out).broken.check]).toEqual([1, "signature"]);
    const log = await datapact(
      "verify",
      "log",
      "--gateway",
      number,
      "--rpc",
      space.engines.chainUrl,
      "--manifest",
      space.home.manifest,
    );
    expect([log.code, log.out]).toEqual([0, expect.stringContaining("The log holds.")]);
    for (const index of [entries + 1, "01", "x"]) expect((await get(`/v1/log/entries/${index}/cose`)).status).toBe(404);
  });

  it("keeps smaller partial tiles, and has none that reach beyond", async () => {
    const full = (await get("/tile/0/000")).bytes;
    expect((await get("/tile/0/000.p/17")).bytes).toEqual(full.subarray(0, 17 * 32));
    for (const path of ["0/001", "0/001.p/46", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "entries/001", "9/000"])
      expect((await get(`/tile/${path}`)).status, path).toBe(404);
    for (const path of ["0/0", "0/000.p/0", "0/000.p/256", "64/000", "entries/x000/000", "%2e%2e/000", "0/%30%30%30"])
      expect((await get(`/tile/${path}`)).status, path).toBe(404);
  });

  it("signs at once after a restart, with the same key and without another transaction", async () => {
    const before = await readSigned();
    await gateway.stop();
    gateway = await space.startGateway();
    expect(await readSigned()).toEqual(before);
  });
});
