import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getBytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { readBundleLine, verifyBundleFile } from "../../server/client/bundleFile.ts";
import { BundleImpossible, type EntryForBundle, makeBundle } from "../../server/client/makeBundle.ts";
import { readLog } from "../../server/client/readLog.ts";
import { readParticipant } from "../../server/client/readParticipant.ts";
import { type Period, PeriodUntold, readPeriod } from "../../server/client/readPeriod.ts";
import { sealBundle } from "../../server/client/sealBundle.ts";
import { signIn } from "../../server/client/signIn.ts";
import { lookAtBundle } from "../../server/client/vouch.ts";
import { canonicalBytes } from "../../server/domain/entry.ts";
import { fromHex, toHex } from "../../server/domain/hash.ts";
import type { Address, AgreementId, Hash } from "../../server/domain/ids.ts";
import { rootFromPath } from "../../server/domain/merkle.ts";
import { signDigest } from "../../server/domain/signature.ts";
import { createReceiptHasher } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { BundleLine } from "../../server/proof/bundle.ts";
import { periodGrace } from "../../server/proof/bundlePeriod.ts";
import type { ParticipantRecord } from "../../server/proof/keyHistory.ts";
import type { Pins } from "../../server/proof/verifyBundle.ts";
import { createDatapact } from "../support/cli.ts";
import { alter, leafPaths, type Path, replaceAt } from "../support/evidence.ts";
import { askForeign, hasPython } from "../support/foreign.ts";
import { flipBit } from "../support/sigstore.ts";
import { sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
const entries: EntryForBundle[] = [];
let lines: Buffer[];
let file: string;
let commission: ParticipantRecord;

/** When bundles are signed: after all that they hold, on a slow machine too. */
let madeAt: number;
const key = () => space.founded.wallet("commission").address.toLowerCase() as Address;

async function use(statement: string): Promise<EntryForBundle> {
  const signed = sign(space, gateway, agreement, { statement });
  const answer = await createClient(gateway.url).use(signed);
  const result = "result" in answer ? { result: answer.result } : {};
  return {
    index: answer.receipt.index,
    entry: answer.entry,
    receipt: answer.receipt,
    signed,
    ...result,
  } as EntryForBundle;
}

async function collect(chosen: readonly EntryForBundle[], isRange: boolean, period?: Period): Promise<Buffer[]> {
  const made: Buffer[] = [];
  const log = await readLog(space.founded.space, gateway.id);
  const parts = {
    gateway: gateway.id,
    log,
    entries: () => chosen,
    isRange,
    ...(period === undefined ? {} : { period }),
  };
  for await (const line of makeBundle(space.founded.space, parts)) made.push(line);
  return made;
}

/** Writes lines under a fresh signature of the commission's. */
async function seal(made: readonly Buffer[], at = madeAt): Promise<void> {
  writeFileSync(file, Buffer.concat(made));
  const { space: chain, wallet } = space.founded;
  sealBundle(file, hashOf(file), chain.domainOf("AccessLog"), wallet("commission"), commission, at);
}
const hashOf = (path: string) => createHash("sha256").update(readFileSync(path));
const vouchProblem = async () => (await lookAtBundle(space.founded.space, file, 0)).problem;
const broken = async (pins: Pins = {}) => (await verifyBundleFile(file, pins)).broken?.check;
const isRecordOf = (line: BundleLine, id: string): boolean => line.type === "participant" && line.id === id;
const madeUp = (block = { number: 0, hash: "", time: 0 }) => ({ ...block, number: block.number + 100_000 });
const lineOf = (value: unknown): Buffer => Buffer.concat([canonicalBytes(value), Buffer.from("\n")]);
const parsed = (line: Buffer): BundleLine => {
  const read = readBundleLine(line.subarray(0, -1));
  if (read === undefined) throw new Error("the line is none");
  return read;
};

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  agreement = await space.conclude();
  file = join(space.home.folder, "bundle.ndjson");
  for (const statement of [
    "SELECT count(*) FROM newborns",
    "SELECT nothing",
    "SELECT sex, count(*) FROM newborns GROUP BY sex",
  ]) {
    for (let again = 0; again < 2; again += 1) entries.push(await use(statement));
    const size = entries.length;
    while ((await createClient(gateway.url).log()).anchored?.size !== size) await sleep(20);
  }
  const { space: chain, id } = space.founded;
  const record = await readParticipant(chain, id("commission"), await chain.readHead());
  if (record === undefined) throw new Error("there is no commission");
  commission = record;
  lines = await collect(entries, true);
  madeAt = Math.floor(Date.now() / 1_000) + 10;
});
afterAll(() => space.stop());

describe("an evidence bundle", () => {
  it("holds without gateway and chain, tells what it proves and what is only claimed", async () => {
    await seal(lines);
    const report = await verifyBundleFile(file, { manifest: space.founded.space.manifest, signers: [key()] });
    expect(report.checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(report.facts).toMatchObject({ entries: 6, uses: 6, complete: "all entries from 0 to before 6" });
    expect(report.claims).toHaveLength(3);
    expect(report.claims[0]).toMatch(
      /itself signed the entries of the batch from [1-5] to before 6, and those with a receipt;/,
    );
    expect((await verifyBundleFile(file)).claims).toHaveLength(5);
  });

  it("is the same bytes if it is made again", async () => {
    expect(Buffer.concat(await collect(entries, true))).toEqual(Buffer.concat(lines));
  });

  it("holds for a selection, and for entries without what their consumer keeps", async () => {
    const bare = entries.map(({ index, entry }) => ({ index, entry }));
    for (const chosen of [[entries[1], entries[4]].flatMap((one) => one ?? []), bare]) {
      await seal(await collect(chosen, chosen === bare));
      expect(await broken()).toBeUndefined();
    }
  });

  it("is not made of what is not anchored, not recorded, or not whole", async () => {
    const [first, , third] = entries;
    if (first === undefined || third === undefined) throw new Error("no entries");
    await expect(collect([{ ...first, index: 6 }], false)).rejects.toThrow(BundleImpossible);
    await expect(collect([{ ...first, index: 1 }], false)).rejects.toThrow("another entry is anchored at 1");
    await expect(collect([first, third], true)).rejects.toThrow("entries from 1 to 2 are missing");
    await expect(collect([third, first], false)).rejects.toThrow("out of order");
  });

  it("does not hold after a change of any one bit", async () => {
    await seal(lines);
    const whole = readFileSync(file);
    for (let bit = 3; bit < whole.length * 8; bit += Math.floor(whole.length / 12)) {
      writeFileSync(file, flipBit(whole, bit));
      expect((await verifyBundleFile(file)).holds, `bit ${bit}`).toBe(false);
    }
  });

  it("does not hold cut short, doubled, in another order, or with a line left out", async () => {
    for (let at = 0; at < lines.length; at += 1) {
      await seal(lines.toSpliced(at, 1));
      expect((await verifyBundleFile(file)).holds, `without line ${at}`).toBe(false);
    }
    await seal([...lines.slice(0, 1), ...lines]);
    expect(await broken()).toBe("form");
    await seal(lines.toReversed());
    expect(await broken()).toBe("form");
    await seal(lines);
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    expect((await verifyBundleFile(file)).holds).toBe(false);
    writeFileSync(file, "");
    expect((await verifyBundleFile(file)).holds).toBe(false);
    writeFileSync(file, Buffer.concat(lines));
    expect(await broken()).toBe("seal");
  });

  /** What nobody can prove without the chain: the report says that it is claimed, and by whom. */
  const isClaimed = (type: string, path: Path): boolean => {
    const name = path.join(".");
    if (/(^|\.)block\.(hash|number|time)$/.test(name)) return true;
    if (type === "participant") return /^(name|roles|hospital|keys\.)/.test(name);
    if (type === "agreement") return /^events\.|^signatures\.\d+\.signature$/.test(name);
    if (type === "head") return name === "transaction";
    if (type === "datapact/bundle/1") return /^(manifest|asOf)\./.test(name);
    return false;
  };

  it("does not hold if its maker altered anything and signed it again, but for what it only claims", async () => {
    let tried = 0;
    for (const [at, line] of lines.entries()) {
      const value = parsed(line);
      for (const path of leafPaths(value).filter((found) => !isClaimed(value.type, found))) {
        const changed = replaceAt(value, path, (old) => (old === null ? 1 : alter(old)));
        await seal(lines.with(at, lineOf(changed)));
        expect((await verifyBundleFile(file)).holds, `${value.type} ${path.join(".")}`).toBe(false);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(150);
  });

  it.skipIf(!hasPython)("is judged alike by the verifier in Python (skipped where there is no python3)", async () => {
    await seal(lines);
    expect(askForeign("bundle", file)).toBe("ok");
    const claimed = lines.findIndex((line) => parsed(line).type === "participant");
    await seal(lines.with(claimed, lineOf(replaceAt(parsed(lines[claimed] ?? Buffer.alloc(0)), ["name"], alter))));
    expect([askForeign("bundle", file), await broken()]).toEqual(["ok", undefined]);
    for (const [at, line] of lines.entries()) {
      const value = parsed(line);
      const paths = leafPaths(value).filter((path) => !isClaimed(value.type, path));
      for (const path of paths.filter((_, i) => i % 5 === at % 5).slice(0, 6)) {
        await seal(lines.with(at, lineOf(replaceAt(value, path, (old) => (old === null ? 1 : alter(old))))));
        expect(askForeign("bundle", file), `${value.type} ${path.join(".")}`).not.toBe("ok");
      }
    }
    await seal(lines.toSpliced(-2, 1));
    expect(askForeign("bundle", file)).not.toBe("ok");
    writeFileSync(file, flipBit(readFileSync(file), 99));
    expect(askForeign("bundle", file)).not.toBe("ok");
  });

  it("is held against what the reader knows: manifest and signer", async () => {
    await seal(lines);
    const { manifest } = space.founded.space;
    const other = { ...manifest, contracts: { ...manifest.contracts, AccessLog: manifest.contracts.Authority } };
    expect(await broken({ manifest: other })).toBe("manifest");
    expect(await broken({ manifest: { ...manifest, blockHash: manifest.contracts.Authority.codeHash } })).toBe(
      "manifest",
    );
    expect(await broken({ signers: [space.founded.wallet("insurer").address.toLowerCase() as Address] })).toBe("seal");
  });

  it("is vouched for by whoever compared its heads with the chain, and by nobody if they differ", async () => {
    await seal(lines);
    expect(await vouchProblem()).toBeUndefined();
    const header = parsed(lines[0] ?? Buffer.alloc(0));
    await seal(lines.with(0, lineOf(replaceAt(header, ["head", "block", "hash"], alter))));
    expect(await broken()).toBeUndefined();
    expect(await vouchProblem()).toContain("is not that of the chain");
  });

  it("is vouched for by nobody if anything that it claims of the chain is not the chain's", async () => {
    let tried = 0;
    for (const [at, line] of lines.entries()) {
      const value = parsed(line);
      for (const path of leafPaths(value).filter((found) => isClaimed(value.type, found))) {
        await seal(lines.with(at, lineOf(replaceAt(value, path, (old) => (old === null ? 1 : alter(old))))));
        expect(await vouchProblem(), `${value.type} ${path.join(".")}`).toEqual(expect.any(String));
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(50);
    const at = lines.findIndex((line) => parsed(line).type === "agreement");
    const told = parsed(lines[at] ?? Buffer.alloc(0));
    if (told.type !== "agreement") throw new Error("there is no agreement");
    const stop = { name: "AgreementSuspended", capacity: "Regulator" as const, block: madeUp(told.events[0]?.block) };
    await seal(lines.with(at, lineOf({ ...told, events: [...told.events, stop] })));
    expect(await broken()).toBeUndefined();
    expect(await vouchProblem()).toBe(`agreement ${told.id} is not as the chain tells it`);
  });

  it("tells nobody anew after the end, and names as vouching only those whom the reader named", async () => {
    const { space: chain, wallet } = space.founded;
    const insurer = wallet("insurer");
    const own = insurer.address.toLowerCase() as Address;
    const header = parsed(lines[0] ?? Buffer.alloc(0));
    if (header.type !== "datapact/bundle/1") throw new Error("there is no header");
    const later = { key: own, from: header.asOf.time + 10, until: null, isDelegate: false };
    const claimOne = (made: ParticipantRecord): void => {
      sealBundle(file, hashOf(file), chain.domainOf("AccessLog"), insurer, made, later.from);
    };
    for (const made of [
      { ...commission, name: "Another", keys: [later] },
      { ...commission, roles: 15 },
    ]) {
      await seal(lines);
      claimOne({ ...made, keys: [...made.keys, later] });
      expect(await broken({ signers: [key()] })).toBe("form");
    }
    await seal(lines);
    claimOne({ ...commission, keys: [...commission.keys, later] });
    const report = await verifyBundleFile(file, { manifest: chain.manifest, signers: [key()] });
    expect(report.holds).toBe(true);
    expect(report.facts["signed by"]).toBe(`${commission.name} (${key()})`);
    expect(report.facts["signed too, not by whom you named"]).toContain(own);
    expect(report.claims.join()).not.toContain(own);
    expect(await vouchProblem()).toContain("did not act for");
    if (hasPython) expect(askForeign("bundle", file)).toBe("ok");
    await seal(lines);
    claimOne({ ...commission, name: "Another", keys: [later] });
    if (hasPython) expect(askForeign("bundle", file)).not.toBe("ok");
  });

  it("does not hold for a use under a block that a stop had made old", async () => {
    const changed = structuredClone(lines.map(parsed));
    const told = changed.find((value) => value.type === "agreement");
    const first = changed.find((value) => value.type === "entry")?.entry;
    if (told === undefined || first?.type !== "datapact/entry/1") throw new Error("there is no use");
    const time = Math.floor(Date.parse(first.time) / 1_000);
    const stopAt = (at: number): Buffer[] => {
      const block = { ...madeUp(told.events[0]?.block), time: at };
      const stop = { name: "AgreementSuspended", capacity: "Regulator" as const, block };
      return changed.map((value) => lineOf(value === told ? { ...told, events: [...told.events, stop] } : value));
    };
    for (const [at, expected] of [
      [time, undefined],
      [time - 61, "uses"],
    ] as const) {
      await seal(stopAt(at));
      expect(await broken()).toBe(expected);
      if (hasPython) expect(askForeign("bundle", file) === "ok").toBe(expected === undefined);
    }
  });

  it("does not hold with a receipt that puts its deadline off, though the gateway signed it", async () => {
    const at = lines.findIndex((line) => parsed(line).type === "entry");
    const value = parsed(lines[at] ?? Buffer.alloc(0));
    if (value.type !== "entry" || value.receipt === undefined) throw new Error("there is no receipt");
    const { founded } = space;
    const { gateway: id, start, count, issuedAt } = value.receipt;
    const root = rootFromPath(
      fromHex(value.receipt.entry),
      value.index - start,
      count,
      value.receipt.path.map(fromHex),
    );
    if (root === undefined) throw new Error("the receipt has no root");
    const deadline = 253_402_300_799;
    const promise = { gateway: id, start, count, root: toHex<Hash>(root), issuedAt, deadline };
    const digest = createReceiptHasher(founded.space.domainOf("AccessLog"))(promise);
    const signature = signDigest(digest, getBytes(founded.wallet("gateway").privateKey));
    await seal(lines.with(at, lineOf({ ...value, receipt: { ...value.receipt, deadline, signature } })));
    const report = await verifyBundleFile(file);
    expect(report.broken).toEqual({ check: "receipts", problem: "entry 0: the receipt puts its deadline off too far" });
    if (hasPython) expect(askForeign("bundle", file)).not.toBe("ok");
  });

  it("holds if the gateway's key was replaced in the very second of its batch, and not if before", async () => {
    const header = parsed(lines[0] ?? Buffer.alloc(0));
    const at = lines.findIndex((line) => isRecordOf(parsed(line), gateway.id));
    const record = parsed(lines[at] ?? Buffer.alloc(0));
    if (header.type !== "datapact/bundle/1" || record.type !== "participant") throw new Error("there is no gateway");
    const { time } = header.head.block;
    for (const [until, expected] of [
      [time, undefined],
      [time - 1, "head"],
    ] as const) {
      await seal(lines.with(at, lineOf({ ...record, keys: record.keys.map((period) => ({ ...period, until })) })));
      const { checks } = await verifyBundleFile(file);
      expect(checks.find(({ check, holds }) => check === "head" && !holds)?.check).toBe(expected);
    }
  });

  it("does not hold, and does not fail, with numbers that are wider than the contracts have them", async () => {
    const at = lines.findIndex((line) => parsed(line).type === "agreement");
    const value = parsed(lines[at] ?? Buffer.alloc(0));
    for (const [name, wide] of [
      ["fields", String(2n ** 256n)],
      ["fields", "9".repeat(1_000_000)],
      ["maxUses", String(2n ** 64n)],
      ["maxRows", "1".repeat(78)],
      ["minCohort", 2 ** 32],
    ] as const) {
      await seal(lines.with(at, lineOf(replaceAt(value, ["terms", name], () => wide))));
      expect(await broken()).toBe("form");
    }
  });

  it("tells of a contract wallet's signature that the chain took it, and holds only if all had to have signed", async () => {
    const at = lines.findIndex((line) => parsed(line).type === "agreement");
    const value = parsed(lines[at] ?? Buffer.alloc(0));
    if (value.type !== "agreement") throw new Error("there is no agreement");
    expect(value.approvals).toBe(1);
    const place = value.signatures.findIndex(({ capacity }) => capacity === "Assignee");
    for (const signature of ["0x", `0x${"ab".repeat(300)}`, value.signatures[(place + 1) % 3]?.signature]) {
      await seal(lines.with(at, lineOf(replaceAt(value, ["signatures", String(place), "signature"], () => signature))));
      const { key: own } = value.signatures[place] ?? {};
      const told = `the signature of Assignee under agreement ${value.id} is not that of its own key ${own}`;
      const problem = `${told}: only the chain can tell whether a contract wallet accepted it`;
      expect((await verifyBundleFile(file)).broken).toEqual({ check: "signatures", problem });
      const report = await verifyBundleFile(file, { signers: [key()] });
      expect(report.broken).toBeNull();
      expect(report.claims.join()).toContain(`accepted what no key signed: ${told}. Only the chain can tell,`);
      expect(await vouchProblem()).toContain("is not as the chain tells it");
      if (hasPython) {
        expect(askForeign("bundle", file)).not.toMatch(/^ok/);
        expect(askForeign("bundle", file, [key()])).toMatch(/^ok\nthat 0x\w{40} is a contract wallet/);
      }
    }
    await seal(lines);
    expect((await verifyBundleFile(file)).claims.join()).not.toContain("ERC-1271");
    await seal(lines.with(at, lineOf({ ...value, approvals: 2 })));
    expect(await broken()).toBe("signatures");
    if (hasPython) expect(askForeign("bundle", file)).not.toBe("ok");
    await seal(lines.with(at, lineOf({ ...value, approvals: 0 })));
    expect(await broken()).toBeUndefined();
    expect(await vouchProblem()).toContain("is not as the chain tells it");
  });

  it("calls no signature a contract wallet's over terms that were altered, whoever vouches", async () => {
    const at = lines.findIndex((line) => parsed(line).type === "agreement");
    const value = parsed(lines[at] ?? Buffer.alloc(0));
    await seal(lines.with(at, lineOf(replaceAt(value, ["terms", "purpose"], alter))));
    const report = await verifyBundleFile(file, { signers: [key()], manifest: space.founded.space.manifest });
    expect(report.broken?.check).toBe("agreements");
    expect(report.checks.find(({ check }) => check === "signatures")?.problem).toMatch(
      /own key 0x\w{40} over these terms$/,
    );
    expect(JSON.stringify(report)).not.toContain("ERC-1271");
  });

  it("states nothing as found while a link is broken, and calls no check good that was not made", async () => {
    await seal(lines);
    const whole = await verifyBundleFile(file);
    expect(whole.told).toEqual({});
    const at = lines.findIndex((line) => parsed(line).type === "entry");
    const all = whole.checks.map(({ check }) => check);
    const entry = parsed(lines[at] ?? Buffer.alloc(0));
    for (const [made, unjudged] of [
      [lines.with(at, lineOf(replaceAt(entry, ["entry", "purpose"], alter))), []],
      [lines.with(at, Buffer.from("{}\n")), all],
      [lines.slice(0, -1), all],
      ["cut before its end", ["period"]],
    ] as const) {
      if (typeof made === "string") writeFileSync(file, Buffer.concat(lines.slice(0, -1)));
      else await seal(made);
      const { holds, facts, claims, checks, told } = await verifyBundleFile(file);
      expect({ holds, facts, claims }).toEqual({ holds: false, facts: {}, claims: [] });
      expect(Object.keys(told).filter((name) => /complete|period|signed/.test(name))).toEqual([]);
      const broken = checks.filter((one) => one.holds === false).map(({ check }) => check);
      const open = checks.filter((one) => one.holds === null).map(({ check }) => check);
      expect(broken.length).toBeGreaterThan(0);
      expect(open).toEqual(unjudged.filter((check) => !broken.includes(check)));
    }
  });

  it("is signed as it was looked at, whatever becomes of the file meanwhile", async () => {
    await seal(lines);
    const { read, problem } = await lookAtBundle(space.founded.space, file, 0);
    expect(problem).toBeUndefined();
    const at = lines.findIndex((line) => parsed(line).type === "participant");
    await seal(lines.with(at, lineOf(replaceAt(parsed(lines[at] ?? Buffer.alloc(0)), ["name"], alter))));
    const { space: chain, wallet } = space.founded;
    sealBundle(file, read, chain.domainOf("AccessLog"), wallet("commission"), commission, madeAt);
    expect(await broken()).toBe("seal");
  });
});

describe("a bundle of a period", () => {
  const second = 1_000;
  const timeOf = (index: number): number => Math.floor(Date.parse(entries[index]?.entry.time ?? "") / second);
  /** An honest gateway, as the commission may ask it. */
  const client = async () =>
    signIn(gateway.url, space.founded.wallet("commission"), space.founded.space.manifest.chainId);
  const log = () => readLog(space.founded.space, gateway.id);
  const both = async (): Promise<string | undefined> => {
    const check = await broken();
    if (hasPython) expect(askForeign("bundle", file).startsWith("ok")).toBe(check === undefined);
    return check;
  };
  /** The lines of a bundle, a period told in its last one. */
  const withPeriod = (made: readonly Buffer[], period: Period): Buffer[] =>
    made.map((line) => (parsed(line).type === "end" ? lineOf({ ...parsed(line), period }) : line));

  it("proves its ends: by the head before, and by the entry after or the end of the log", async () => {
    const open = { from: timeOf(0) - 100, until: timeOf(5) + 1 };
    await seal(withPeriod(lines, open));
    expect(await both()).toBeUndefined();
    const report = await verifyBundleFile(file);
    expect(report.facts.period).toMatch(/^all entries from 2.*Z to before 2.*Z$/);
    expect(report.claims.join()).toContain("the log ends with them up to block");
    expect(await vouchProblem()).toBeUndefined();
    const until = timeOf(5) - periodGrace;
    await seal(withPeriod(lines, { ...open, until }));
    expect(await both()).toBeUndefined();
    expect((await verifyBundleFile(file)).claims.join()).not.toContain("the log ends with them");
  });

  it("does not hold if entries may be missing at an end", async () => {
    const all = { from: timeOf(0) - 100, until: timeOf(5) - periodGrace };
    const { batches } = await log();
    const second = batches[1]?.start ?? 0;
    const late = await collect(entries.slice(second), true);
    await seal(withPeriod(late, all));
    expect(await both()).toBe("period");
    // the head before the first is there, and stands in the period
    const told = await collect(entries.slice(second), true, all);
    await seal(told);
    expect(await both()).toBe("period");
    await seal(withPeriod(told, { from: (batches[0]?.block.time ?? 0) + 1, until: madeAt }));
    expect(await both()).toBeUndefined();
    const early = await collect(entries.slice(0, second), true);
    await seal(withPeriod(early, { ...all, until: timeOf(0) }));
    expect(await both()).toBe(undefined);
    await seal(withPeriod(early.toSpliced(-2, 1), all));
    expect(await both()).not.toBeUndefined();
    await seal(withPeriod(lines, { from: all.from, until: madeAt + 1_000 }));
    expect(await both()).toBe("period");
    await seal(withPeriod(lines, { from: all.until, until: all.until }));
    expect(await both()).toBe("period");
    await seal(withPeriod(await collect(entries.slice(1, 2), false), all));
    expect(await both()).toBe("period");
  });

  it("without entries holds only by the newest head, and is vouched for by nobody if there is more", async () => {
    const newest = (await log()).batches.at(-1)?.block.time ?? 0;
    const empty = { from: newest + 1, until: newest + 3 };
    const made = await collect([], true, empty);
    await seal(made, newest + 2);
    expect(await both()).toBe("period");
    await seal(made, newest + 3);
    expect(await both()).toBeUndefined();
    expect(await vouchProblem()).toBeUndefined();
    await seal(withPeriod(made, { from: timeOf(0) - 100, until: timeOf(0) }));
    expect(await both()).toBe("period");
  });

  it("is read whole: what the gateway leaves out of its list is asked for, and what it denies is named", async () => {
    const honest = await client();
    const period = { from: timeOf(0) - 100, until: timeOf(5) + 1 };
    const facts = await log();
    const indices = async (asked: Pick<typeof honest, "entries" | "entry">): Promise<number[]> =>
      (await readPeriod(asked, period, facts)).map(({ index }) => index);
    const whole = Array.from({ length: facts.state.size }, (_, i) => i);
    expect(await indices(honest)).toEqual(whole);
    const silent = { entries: async () => ({ items: [], next: null }), entry: honest.entry };
    expect(await indices(silent as never)).toEqual(whole);
    const denying = { ...silent, entry: async () => Promise.reject(new Error("404")) };
    await expect(indices(denying as never)).rejects.toThrow(PeriodUntold);
    const page = await honest.entries({});
    const endless = { entries: async () => ({ ...page, next: "again" }), entry: honest.entry };
    await expect(indices(endless as never)).rejects.toThrow("does not end");
    let told = 9e15;
    const farther = async () => {
      told -= 1;
      return { items: [{ ...page.items[0], index: told }], next: "again" };
    };
    await expect(indices({ entries: farther, entry: honest.entry } as never)).rejects.toThrow("does not end");
  });
});

describe("on the command line", () => {
  it("receipts are bundled, verified without network, and vouched for by another", async () => {
    const datapact = createDatapact(space, gateway);
    const receipts = entries.slice(0, 2).map(({ entry, receipt, signed, result }, i) => {
      const path = join(space.home.folder, `kept-${i}.json`);
      writeFileSync(path, JSON.stringify({ signed, entry, receipt, ...(result === undefined ? {} : { result }) }));
      return path;
    });
    const out = join(space.home.folder, "made.ndjson");
    const made = await datapact("bundle", "receipts", ...receipts, "--as", "device-maker", "--out", out);
    expect(made).toMatchObject({ code: 0, error: "" });
    expect((await datapact("bundle", "receipts", ...receipts, "--as", "device-maker", "--out", out)).code).toBe(2);
    const offline = createDatapact(space, gateway, { DATAPACT_CHAIN_URL: undefined, DATAPACT_GATEWAY_URL: undefined });
    const verified = await offline("verify", "bundle", out, "--manifest", space.home.manifest, "--json");
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject({ subject: "bundle", holds: true, facts: { entries: 2 } });
    expect(await datapact("bundle", "sign", out, "--as", "insurer")).toMatchObject({ code: 0, error: "" });
    const vouched = await offline("verify", "bundle", out, "--signer", space.founded.wallet("insurer").address);
    expect([vouched.code, vouched.out]).toEqual([0, expect.stringContaining("Demo Health Insurer (0x")]);
    writeFileSync(out, readFileSync(out, "utf8").replace("DUO:0000007", "DUO:0000006"));
    const damaged = await offline("verify", "bundle", out);
    expect([damaged.code, damaged.out]).toEqual([1, expect.stringMatching(/^The bundle does not hold: \w+: /)]);
    expect(damaged.out).toMatch(/\nThe bundle does not hold\.\n$/);
    expect(damaged.out).not.toMatch(/complete|signed by|ERC-1271|Not proven here/);
    const told = JSON.parse((await offline("verify", "bundle", out, "--json")).out);
    expect(told).toMatchObject({ holds: false, facts: {}, claims: [] });
    expect(damaged.out).toContain(`The bundle does not hold: ${told.broken.check}: ${told.broken.problem}.`);
  });

  it("a regulator bundles a period whole, readings of the trail included", async () => {
    const { wallet, space: chain } = space.founded;
    await (await signIn(gateway.url, wallet("commission"), chain.manifest.chainId)).entries({});
    const client = createClient(gateway.url);
    for (let log = await client.log(); log.anchored?.size !== log.appended; log = await client.log()) await sleep(20);
    const datapact = createDatapact(space, gateway);
    const out = join(space.home.folder, "period.ndjson");
    const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    const period = ["--from", day(Date.now() - 86_400_000), "--until", day(Date.now() + 2 * 86_400_000)];
    const made = await datapact("bundle", "period", ...period, "--as", "commission", "--out", out);
    expect(made).toMatchObject({
      code: 0,
      error: expect.stringMatching(/^The period is not over: it is bundled until 2/),
    });
    const report = await verifyBundleFile(out, { manifest: chain.manifest, signers: [key()] });
    expect(report).toMatchObject({ holds: true, facts: { uses: 6, "first index": 0 } });
    expect(Number(report.facts.entries)).toBeGreaterThan(6);
  });
});
