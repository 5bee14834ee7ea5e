import { describe, expect, it } from "vitest";
import type { Hash } from "../../server/domain/ids.ts";
import {
  type AgreementFacts,
  type ChainFacts,
  type Evidence,
  receiptChecks,
  verifyReceipt,
} from "../../server/proof/verifyReceipt.ts";
import { alter, bytes32, createPaperGateway, leafPaths, type Path, replaceAt } from "../support/evidence.ts";

const gateway = createPaperGateway("gateway 1");
const permitted = gateway.answer({ statement: "SELECT count(*) FROM newborns" });
const refused = gateway.answer({ statement: "SELECT 1", refused: true });

/** The first link that is broken; undefined if all hold. */
const broken = (evidence: Evidence, facts: ChainFacts): string | undefined =>
  verifyReceipt(evidence, facts).find(({ problem }) => problem !== undefined)?.check;

/** Which link must be the first to break when this value was altered. */
function linkOf(path: Path, permits: boolean): string {
  const [part, name] = path;
  if (part === "signed") return "request";
  if (part === "result") return "result";
  if (part === "receipt") return name === "entry" || name === "gateway" ? "entry" : "signature";
  if (["request", "signer", "gateway", "agreement", "purpose"].includes(String(name))) return "request";
  if (!permits && ["outcome", "reason"].includes(String(name))) return "entry";
  return ["outcome", "reason", "result"].includes(String(name)) ? "result" : "entry";
}

describe("a receipt that holds", () => {
  it.each([
    ["of a permitted use", permitted],
    ["of a refusal", refused],
  ])("%s passes every check", (_name, { evidence, facts }) => {
    expect(verifyReceipt(evidence, facts)).toEqual(receiptChecks.map((check) => ({ check, problem: undefined })));
  });

  it.each([
    { before: 0, place: 0, count: 1, after: 0 },
    { before: 0, place: 0, count: 2, after: 0 },
    { before: 7, place: 0, count: 1, after: 9 },
    { before: 1, place: 12, count: 13, after: 100 },
  ])("stands wherever its entry does: %o", (where) => {
    const { evidence, facts } = gateway.answer({ statement: "SELECT 2", ...where });
    expect(broken(evidence, facts)).toBeUndefined();
  });
});

describe.each([
  ["permitted", permitted],
  ["refused", refused],
])("%s: every altered value is found, at the right link", (_name, { evidence, facts }) => {
  const paths = leafPaths(evidence);

  it("covers request, signature, entry, receipt and result", () => {
    expect(paths.length).toBeGreaterThan(30);
    expect(new Set(paths.map(([part]) => part))).toEqual(new Set(Object.keys(evidence)));
  });

  it.each(paths.map((path) => [path.join("."), path] as const))("%s", (_path, path) => {
    expect(broken(replaceAt(evidence, path, alter), facts)).toBe(linkOf(path, evidence.result !== undefined));
  });
});

describe("a receipt does not hold", () => {
  const { evidence, facts } = permitted;
  const other = gateway.answer({ statement: "SELECT sex, count(*) FROM newborns GROUP BY 1", place: 2 });

  it("for another query", () => {
    expect(broken({ ...evidence, signed: other.evidence.signed }, facts)).toBe("request");
    expect(broken({ ...evidence, receipt: other.evidence.receipt }, other.facts)).toBe("entry");
    expect(broken({ ...evidence, entry: other.evidence.entry }, facts)).toBe("request");
    expect(broken({ ...other.evidence, result: evidence.result ?? { columns: [], rows: [] } }, other.facts)).toBe(
      "result",
    );
  });

  it("with a result after a refusal, or without one after a permit", () => {
    const { result: _result, ...without } = evidence;
    expect(broken(without, facts)).toBe("result");
    expect(broken({ ...refused.evidence, result: { columns: [], rows: [] } }, refused.facts)).toBe("result");
  });

  it("with rows or columns in another order, or one less", () => {
    const { columns = [], rows = [] } = evidence.result ?? {};
    for (const result of [
      { columns, rows: rows.toReversed() },
      { columns: columns.toReversed(), rows },
      { columns, rows: rows.slice(1) },
      { columns, rows: [...rows, ...rows] },
      { columns, rows: rows.map((row) => row.toReversed()) },
    ]) {
      expect(broken({ ...evidence, result }, facts)).toBe("result");
    }
  });

  it("on another chain, or under other contracts", () => {
    const elsewhere = { ...facts.accessLog, chainId: 1 };
    expect(broken(evidence, { ...facts, accessLog: elsewhere })).toBe("signature");
    expect(broken(evidence, { ...facts, accessLog: facts.usagePolicy })).toBe("signature");
    expect(broken(evidence, { ...facts, usagePolicy: { ...facts.usagePolicy, chainId: 1 } })).toBe("request");
    expect(broken(evidence, { ...facts, usagePolicy: facts.accessLog })).toBe("request");
  });

  it("if the key did not act for the gateway", () => {
    expect(broken(evidence, { ...facts, isGatewayKey: () => false })).toBe("signature");
  });

  it("if its deadline is not after its issue", () => {
    const hasty = createPaperGateway("gateway 1", 0).answer({ statement: "SELECT 3" });
    expect(broken(hasty.evidence, hasty.facts)).toBe("signature");
  });

  it.each([
    ["of another hash", bytes32("block 12 of a fork")],
    ["that the chain has not", undefined],
  ])("if the use was decided under a block %s", (_name, hash) => {
    const block = hash === undefined || facts.block === undefined ? undefined : { ...facts.block, hash };
    expect(broken(evidence, { ...facts, block })).toBe("block");
  });

  it.each([
    ["under a block that came later", { time: 3_600, nextTime: 0 }],
    ["under a block that was outdated long before", { time: 0, nextTime: -3_600 }],
  ])("if the use was decided %s", (_name, shifts) => {
    if (facts.block === undefined) throw new Error("the paper gateway names a block");
    const { time, nextTime = 0 } = facts.block;
    const shifted = { ...facts.block, time: time + shifts.time, nextTime: nextTime + shifts.nextTime };
    expect(broken(evidence, { ...facts, block: shifted })).toBe("time");
  });

  it.each([
    ["that the chain has not", () => undefined],
    ["made for another purpose", (a) => ({ ...a, terms: { ...a.terms, purpose: "DUO:0000042" } })],
    ["that had expired", (a) => ({ ...a, terms: { ...a.terms, validUntil: a.terms.validFrom + 1 } })],
    ["of other parties", (a) => ({ ...a, partiesActed: false })],
    ["that was not in force at that block", (a) => ({ ...a, stood: false })],
  ] as [string, (a: AgreementFacts) => AgreementFacts | undefined][])(
    "if it names an agreement %s",
    (_name, change) => {
      if (facts.agreement === undefined) throw new Error("the paper gateway has an agreement");
      expect(broken(evidence, { ...facts, agreement: change(facts.agreement) })).toBe("agreement");
    },
  );

  it("while it is not anchored", () => {
    expect(broken(evidence, { ...facts, inclusion: undefined })).toBe("inclusion");
  });

  it("if the path on chain is altered, cut, lengthened or another entry's", () => {
    const { inclusion } = facts;
    if (inclusion === undefined) throw new Error("the facts have no inclusion");
    const { path, size, root } = inclusion;
    const paths: (readonly Hash[])[] = [
      ...path.map((_, place) => replaceAt(path, [place], alter)),
      path.slice(1),
      path.slice(0, -1),
      [...path, bytes32("more")],
      path.toReversed(),
      [],
      other.facts.inclusion?.path ?? [],
    ];
    for (const wrong of paths)
      expect(broken(evidence, { ...facts, inclusion: { ...inclusion, path: wrong } })).toBe("inclusion");
    expect(broken(evidence, { ...facts, inclusion: { path, root, size: 4 } })).toBe("inclusion");
    expect(broken(evidence, { ...facts, inclusion: { path, size, root: alter(root) as Hash } })).toBe("inclusion");
  });

  it("in the log of another gateway", () => {
    const second = createPaperGateway("gateway 2");
    const theirs = second.answer({ statement: evidence.signed.request.statement });
    expect(broken(evidence, { ...facts, inclusion: theirs.facts.inclusion })).toBe("inclusion");
    expect(broken(evidence, { ...facts, isGatewayKey: theirs.facts.isGatewayKey })).toBe("signature");
    expect(broken({ ...evidence, receipt: theirs.evidence.receipt }, theirs.facts)).toBe("entry");
    const { gateway: id } = evidence.receipt;
    const claimed = { ...theirs.evidence.receipt, gateway: id, entry: evidence.receipt.entry };
    expect(broken({ ...evidence, receipt: claimed }, facts)).toBe("signature");
  });
});
