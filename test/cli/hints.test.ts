import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AbiCoder, type ErrorFragment, Interface, type JsonFragment } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { hintOf, hints } from "../../scripts/cli/hints.ts";
import { ContractRefused, translateRevert } from "../../server/chain/revert.ts";

/** What is generated of every contract that is deployed: a new one, and a new error of it, is found here by itself. */
const factories = join(import.meta.dirname, "../../typechain-types/factories/contracts");
const generated = readdirSync(factories).filter((name) => name.endsWith("__factory.ts"));
const contracts = new Map<string, Interface>();

beforeAll(async () => {
  for (const file of generated) {
    const name = file.replace("__factory.ts", "");
    const found = (await import(join(factories, file))) as Record<string, { readonly abi: readonly JsonFragment[] }>;
    contracts.set(name, new Interface(found[`${name}__factory`]?.abi ?? []));
  }
});

/** Every error of every contract, as a node tells of it. */
function allErrors(): { readonly name: string; readonly data: string }[] {
  return [...contracts.values()].flatMap((contract) => {
    const errors: ErrorFragment[] = [];
    contract.forEachError((error) => errors.push(error));
    return errors.map((error) => {
      const values = AbiCoder.defaultAbiCoder().getDefaultValue(error.inputs);
      return { name: error.name, data: contract.encodeErrorResult(error, values) };
    });
  });
}

describe("a contract's refusal", () => {
  it("is known by its name, whichever contract it is of", () => {
    expect(contracts.size).toBe(6);
    expect(allErrors().length).toBeGreaterThan(70);
    const strange = allErrors().filter(({ name, data }) => {
      const told = translateRevert({ data });
      return !(told instanceof ContractRefused) || told.error !== name;
    });
    expect(strange.map(({ name }) => name)).toEqual([]);
  });

  it("comes with what to do about it, for every error of every contract", () => {
    const wordless = allErrors().filter(({ name }) => !/^\n[A-Z].{15,230}\.$/s.test(hintOf({ error: name })));
    expect([...new Set(wordless.map(({ name }) => name))]).toEqual([]);
  });

  it("has no words for errors that no contract has", () => {
    const names = new Set(allErrors().map(({ name }) => name));
    expect(Object.keys(hints).filter((name) => !names.has(name))).toEqual([]);
  });
});
