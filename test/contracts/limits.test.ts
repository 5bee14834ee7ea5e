import { readFileSync } from "node:fs";
import { getBytes, Transaction } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "../../scripts/bench/ledger.ts";

const names = ["ParticipantRegistry", "DatasetRegistry", "AgreementRegistry", "AccessLog", "UsagePolicy"] as const;
const codeLimit = 24_576;
const poolLimit = 131_072;
const halfOfTheGasCap = 2 ** 23;

function deployedCode(name: string): Uint8Array {
  const path = new URL(`../../artifacts/contracts/${name}.sol/${name}.json`, import.meta.url);
  return getBytes((JSON.parse(readFileSync(path, "utf8")) as { deployedBytecode: string }).deployedBytecode);
}

/** Opcodes of a bytecode without the data of its pushes. */
function opcodes(code: Uint8Array): Set<number> {
  const found = new Set<number>();
  // The last two bytes tell the length of the metadata, which is no code.
  const end = code.length - 2 - ((code.at(-2) ?? 0) * 256 + (code.at(-1) ?? 0));
  for (let at = 0; at < end; at += 1) {
    const opcode = code[at] ?? 0;
    found.add(opcode);
    if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
  }
  return found;
}

describe.each(names)("%s", (name) => {
  it("stays below the limit of code size", () => {
    expect(deployedCode(name).length).toBeLessThan(codeLimit);
  });

  it("neither delegates calls nor destroys itself", () => {
    const found = opcodes(deployedCode(name));
    for (const forbidden of [0xf2, 0xf4, 0xff]) expect(found.has(forbidden)).toBe(false);
  });
});

describe("the largest batch", () => {
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await createLedger();
  });

  it("serializes below the limit of transaction pools and takes less than half of the gas cap", async () => {
    const { contracts, actors } = ledger;
    const digests = Array.from(
      { length: 4_080 },
      (_, i) => `0x${(i + 1).toString(16).padStart(2, "0").repeat(64).slice(0, 64)}`,
    );
    const sent = await contracts.log.connect(actors.gateway).append(0, digests, [], { gasLimit: 16_777_216 });
    const receipt = await sent.wait();
    expect(Number(receipt?.gasUsed)).toBeLessThan(halfOfTheGasCap);
    const { to, data, nonce, gasLimit, chainId, maxFeePerGas, maxPriorityFeePerGas, signature } = sent;
    const serialized = Transaction.from({
      type: 2,
      to,
      data,
      nonce,
      gasLimit,
      chainId,
      maxFeePerGas: maxFeePerGas ?? 1n,
      maxPriorityFeePerGas: maxPriorityFeePerGas ?? 1n,
      signature,
    }).serialized;
    expect(getBytes(serialized).length).toBeLessThan(poolLimit);
  });
});
