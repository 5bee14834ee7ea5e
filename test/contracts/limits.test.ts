import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { getBytes, hexlify, id, Transaction } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "../../scripts/bench/ledger.ts";
import { acts, compareState } from "../../scripts/bench/state.ts";
import { createMerkleTree } from "../../server/domain/merkle.ts";

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

function makeDigests(start: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    createHash("sha256")
      .update(`entry ${start + i}`)
      .digest(),
  );
}

describe("a log of many entries", () => {
  it.each([1, 2, 3])(
    "has the right root after every batch of a random split of 20,000 entries (seed %i)",
    async (seed) => {
      const { contracts, actors, ids } = await createLedger();
      const tree = createMerkleTree();
      for (let batch = 0; tree.size() < 20_000; batch += 1) {
        const random = Number.parseInt(id(`${seed} ${batch}`).slice(2, 10), 16);
        // Every second one is small.
        const wished = 1 + (random % (batch % 2 === 0 ? 4_080 : 40));
        const start = tree.size();
        const digests = makeDigests(start, Math.min(wished, 20_000 - start));
        tree.append(digests);
        await contracts.log.connect(actors.gateway).append(start, digests, [], { gasLimit: 16_777_216 });
        const { size, root } = await contracts.log.log(ids.gateway);
        expect([Number(size), root]).toEqual([tree.size(), hexlify(tree.root(tree.size()))]);
      }
    },
  );
});

/** `npm run -s bench:state` does the same with 100,000 agreements and a million entries. */
describe("a large state", () => {
  it("costs the same: evaluating, suspending and appending", async () => {
    const { before, after } = await compareState(500, 102_000);
    for (const act of acts) expect(Math.abs(after[act] / before[act] - 1)).toBeLessThan(0.1);
  });
});
