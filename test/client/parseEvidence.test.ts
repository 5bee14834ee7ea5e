import { describe, expect, it } from "vitest";
import { parseEvidence } from "../../server/client/evidence.ts";
import { verifyReceipt } from "../../server/proof/verifyReceipt.ts";
import { createPaperGateway, leafPaths, replaceAt } from "../support/evidence.ts";

const { evidence, facts } = createPaperGateway("gateway 1").answer({ statement: "SELECT count(*) FROM newborns" });
const paths = leafPaths(evidence);

/** What somebody who tampers, or a damaged file, may put where a value was. */
const wrong: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  0.5,
  2 ** 48,
  2 ** 60,
  "",
  "0x",
  "0xzz",
  `0x${"AB".repeat(32)}`,
  `0x${"ab".repeat(33)}`,
  "\ud800",
  "x\0",
  [],
  {},
];

describe("evidence from a file", () => {
  it("is read as it was saved", () => {
    expect(parseEvidence(JSON.stringify(evidence, null, 2))).toEqual(evidence);
  });

  it.each(paths.map((path) => [path.join("."), path] as const))(
    "with %s replaced by anything is refused by its shape, or does not hold",
    (_name, path) => {
      for (const value of wrong) {
        const altered = JSON.stringify(replaceAt(evidence, path, () => value));
        if (altered === JSON.stringify(evidence)) continue;
        let read: ReturnType<typeof parseEvidence>;
        try {
          read = parseEvidence(altered);
        } catch (error) {
          expect((error as Error).message).toContain("not a receipt that `datapact query` saved");
          continue;
        }
        expect(
          verifyReceipt(read, facts).some(({ problem }) => problem !== undefined),
          altered,
        ).toBe(true);
      }
    },
  );

  it.each(["", "{", "null", "[]", "5", '"text"', "{}", "\ufeff{}"])("refuses %j with a sentence", (text) => {
    expect(() => parseEvidence(text)).toThrow(/\w/);
  });

  it("refuses members that nobody signed", () => {
    expect(() => parseEvidence(JSON.stringify({ ...evidence, note: "x" }))).toThrow(/note/);
    expect(() => parseEvidence(JSON.stringify({ ...evidence, entry: { ...evidence.entry, note: "x" } }))).toThrow(
      /note/,
    );
  });
});
