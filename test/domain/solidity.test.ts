import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TypedDataEncoder } from "ethers";
import { describe, expect, it } from "vitest";
import { fieldLevels, fieldTypes, maxFields } from "../../server/domain/dataset.ts";
import { denialReasons, gatewayReasons, reasonFacts } from "../../server/domain/reasons.ts";
import { roles } from "../../server/domain/roles.ts";
import { statuses } from "../../server/domain/status.ts";
import { assurances, capacities, disclosures } from "../../server/domain/terms.ts";
import { receiptBatchTypes, signatureTypes, termsTypes } from "../../server/domain/typedData.ts";

const contracts = join(import.meta.dirname, "../../contracts");
const source = globSync("**/*.sol", { cwd: contracts })
  .sort()
  .map((name) => readFileSync(join(contracts, name), "utf8"))
  .join("\n");

/** Members of an enumeration as the Solidity source lists them. */
function membersOf(name: string): string[] {
  const found = [...source.matchAll(new RegExp(`\\benum ${name} \\{([^}]*)\\}`, "g"))];
  expect(found, `enum ${name}`).toHaveLength(1);
  return (found[0]?.[1] ?? "")
    .replace(/\/\/.*$/gm, "")
    .split(",")
    .map((member) => member.trim())
    .filter(Boolean);
}

/** All string literals of the source, with neighbours joined as the compiler does. */
const literals = [...source.matchAll(/"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*/g)].map(([text]) =>
  text.replace(/"\s+"/g, "").slice(1, -1),
);

describe("our lists are in the order of the Solidity enumerations", () => {
  it.each([
    ["DenialReason", ["None", ...denialReasons]],
    ["Status", statuses],
    ["Role", roles],
    ["Disclosure", disclosures],
    ["Assurance", assurances],
    ["Capacity", capacities],
    ["FieldType", fieldTypes],
    ["FieldLevel", fieldLevels],
  ])("%s", (name, list) => {
    expect(membersOf(name)).toEqual([...list]);
  });
});

describe("our EIP-712 types are, byte for byte, the contracts'", () => {
  it.each([
    ["Terms", termsTypes],
    ["ReceiptBatch", receiptBatchTypes],
  ])("%s", (name, types) => {
    expect(literals).toContain(TypedDataEncoder.from(types).encodeType(name));
  });

  it("Signature", () => {
    const type = TypedDataEncoder.from(signatureTypes).encodeType("Signature");
    const [own, terms] = [type.slice(0, type.indexOf(")") + 1), type.slice(type.indexOf(")") + 1)];
    expect(literals).toContain(own);
    expect(literals).toContain(terms);
    expect(terms).toBe(TypedDataEncoder.from(termsTypes).encodeType("Terms"));
  });
});

describe("reasons", () => {
  it("each have a status, an outcome and a sentence that tells what to do or what is the case", () => {
    const all = [...denialReasons, ...gatewayReasons];
    expect(Object.keys(reasonFacts).sort()).toEqual([...all].sort());
    for (const reason of all) {
      const { status, outcome, text } = reasonFacts[reason];
      expect(text, reason).toMatch(/^[A-Z].{10,}\.$/);
      expect([403, 409, 422, 500, 503], reason).toContain(status);
      expect(outcome, reason).toBe(status >= 500 ? "Failed" : "Denied");
    }
  });

  it("are told apart: no two share a name or a sentence", () => {
    const texts = Object.values(reasonFacts).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set([...denialReasons, ...gatewayReasons]).size).toBe(denialReasons.length + gatewayReasons.length);
  });
});

it("a dataset has as many fields as a word has bits", () => {
  expect(maxFields).toBe(256);
});
