import { createHash } from "node:crypto";
import { getBytes, hexlify, type TransactionResponse } from "ethers";
import { createMerkleTree, type MerkleTree, rootOf } from "../../server/domain/merkle.ts";
import type { Address } from "../../server/domain/ids.ts";
import { eip712Domain, receiptBatchTypes } from "../../server/domain/typedData.ts";
import { createLedger, encodedTerms, type Ledger, makeTerms, policyText, signTerms } from "./ledger.ts";

/** Prints what each act costs on a chain under Osaka's rules: a table, and in the last line one JSON object. */

const sizes = [1, 16, 64, 256, 1024, 4080] as const;
const largestBatch = 4_080;
/** More than a million entries in more batches than the ring of heads holds. */
const steadyBatches = 258;
/** What makes the start unaligned: every other level of the frontier is in use. */
const unaligned = 0b10101010101;
const poolLimit = 131_072;

type Log = { readonly ledger: Ledger; readonly tree: MerkleTree; readonly agreement: string; readonly entries: Buffer[] };

async function main(): Promise<void> {
  const ledger = await createLedger();
  const now = (await ledger.ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const { agreement, costs } = await measureAgreement(ledger, now);
  const log: Log = { ledger, tree: createMerkleTree(), agreement, entries: [] };
  for (let batch = 0; batch < steadyBatches; batch += 1) await append(log, largestBatch, 0);
  await append(log, unaligned, 0);

  const perRecord: Record<string, number> = {};
  const floor: Record<string, number> = {};
  for (const size of sizes) {
    const measured = await withoutTrace(ledger, () => append(log, size, 1), () => shrink(log, size));
    perRecord[size] = round(measured.gas / size);
    floor[size] = round(measured.floor / size);
    if (measured.bytes >= poolLimit) throw new Error(`a batch of ${size} has ${measured.bytes} bytes`);
    row(`append ${size}`, measured.gas, `${perRecord[size]} a record, ${(measured.gas / measured.floor).toFixed(4)} of the floor`);
  }
  const evaluate = Number(await ledger.contracts.policy.evaluate.estimateGas(request(ledger, agreement, now)));
  row("evaluate", evaluate, "as a transaction; a view call costs nothing");
  const challenge = await measureChallenges(log, now);
  const agreementCosts = { ...costs, ...(await measureStops(ledger, now)) };
  console.log(JSON.stringify({ append: perRecord, floor, agreement: agreementCosts, evaluate, challenge }));
}

function row(name: string, gas: number, note = ""): void {
  console.log(`${name.padEnd(28)}${Math.round(gas).toLocaleString("en").padStart(12)}  ${note}`);
}

const round = (value: number): number => Math.round(value * 10) / 10;

async function gasOf(transaction: Promise<TransactionResponse> | Promise<{ wait: () => Promise<unknown> }>) {
  const receipt = (await (await transaction).wait()) as { gasUsed: bigint } | null;
  return Number(receipt?.gasUsed ?? 0n);
}

/** What calldata alone costs since EIP-7623. */
function floorOf(data: string): number {
  const tokens = getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 1 : 4), 0);
  return 21_000 + 10 * tokens;
}

function makeDigest(number: number): Buffer {
  return createHash("sha256").update(`entry ${number}`).digest();
}

async function append(log: Log, count: number, uses: number) {
  const { contracts, actors, ids } = log.ledger;
  const start = log.tree.size();
  const digests = Array.from({ length: count }, (_, place) => makeDigest(start + place));
  const usages = uses === 0 ? [] : [{ agreement: log.agreement, count: uses }];
  const sent = await contracts.log.connect(actors.gateway).append(start, digests, usages, { gasLimit: 16_777_216 });
  const gas = await gasOf(Promise.resolve(sent));
  log.tree.append(digests);
  log.entries.push(...digests);
  const { root } = await contracts.log.log(ids.gateway);
  if (root !== hexlify(log.tree.root(log.tree.size()))) throw new Error(`another root at ${log.tree.size()}`);
  return { gas, floor: floorOf(sent.data), bytes: serializedLength(sent) };
}

function serializedLength(sent: TransactionResponse): number {
  // Envelope, signature and fees come to less than 200 bytes.
  return getBytes(sent.data).length + 200;
}

/** Undoes on the chain what was measured, so that every size starts from the same place. */
async function withoutTrace<T>(ledger: Ledger, act: () => Promise<T>, undo: () => void = () => {}): Promise<T> {
  const snapshot = await ledger.provider.request({ method: "evm_snapshot" });
  const result = await act();
  await ledger.provider.request({ method: "evm_revert", params: [snapshot] });
  undo();
  return result;
}
