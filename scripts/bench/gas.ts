import { createHash } from "node:crypto";
import { getBytes, hexlify, type TransactionResponse } from "ethers";
import { toHex } from "../../server/domain/hash.ts";
import type { Address, EntryDigest, Hash, Hex } from "../../server/domain/ids.ts";
import { createMerkleTree, type MerkleTree } from "../../server/domain/merkle.ts";
import { packedReceipt } from "../../server/domain/packedReceipt.ts";
import { eip712Domain, receiptBatchTypes } from "../../server/domain/typedData.ts";
import { createLedger, encodedTerms, type Ledger, makeTerms, policyText, signTerms } from "./ledger.ts";

/** Prints what each act costs on a chain under Osaka's rules: a table, and in the last line one JSON object. */

const sizes = [1, 16, 64, 256, 1024, 4080] as const;
const largestBatch = 4_080;
/** More than a million entries in more batches than the ring of heads holds. */
const steadyBatches = 258;
/** Odd batches, after which every low level of the frontier has been in use; at the end every other one is. */
const oddBatches = [2_047, 1_023, 511, 255, 127, 63, 31, 15, 7, 3, 1, 1];
const unaligned = 0b010101010101;
const gasLimit = 16_777_216;

type Cost = { readonly gas: number; readonly floor: number };

async function main(): Promise<void> {
  const ledger = await createLedger();
  const now = (await ledger.ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const { agreement, costs } = await measureAgreement(ledger, now);
  const tree = createMerkleTree();
  for (let batch = 0; batch < steadyBatches; batch += 1) await grow(ledger, tree, largestBatch);
  for (const batch of oddBatches) await grow(ledger, tree, batch);
  await grow(ledger, tree, (unaligned + 4_096 - (tree.size() % 4_096)) % 4_096);
  await append(ledger, tree.size(), 1, [{ agreement, count: 1 }]);
  tree.append(makeDigests(tree.size(), 1));
  console.log(`a log of ${tree.size().toLocaleString("en")} entries`);

  const appends: [number, Cost][] = [];
  for (const size of sizes) {
    const usages = [{ agreement, count: 1 }];
    const cost = await withoutTrace(ledger, () => append(ledger, tree.size(), size, usages));
    row(
      `append ${size}`,
      cost.gas,
      `${perRecord(size, cost.gas)} a record, ${(cost.gas / cost.floor).toFixed(4)} of the floor`,
    );
    appends.push([size, cost]);
  }
  const evaluate = await measureEvaluate(ledger, agreement, now);
  const challenge = await measureChallenges(ledger, tree, now);
  console.log(
    JSON.stringify({
      append: Object.fromEntries(appends.map(([size, { gas }]) => [size, perRecord(size, gas)])),
      floor: Object.fromEntries(appends.map(([size, { floor }]) => [size, perRecord(size, floor)])),
      agreement: costs,
      evaluate,
      challenge,
    }),
  );
}

function row(name: string, gas: number, note = ""): void {
  console.log(`${name.padEnd(28)}${gas.toLocaleString("en").padStart(12)}  ${note}`);
}

function perRecord(size: number, gas: number): number {
  return Math.round((gas / size) * 10) / 10;
}

async function gasOf(sent: TransactionResponse): Promise<number> {
  return Number((await sent.wait())?.gasUsed ?? 0n);
}

/** What calldata alone costs since EIP-7623. */
function floorOf(data: string): number {
  const tokens = getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 1 : 4), 0);
  return 21_000 + 10 * tokens;
}

/** Undoes on the chain what was measured, so that all start from the same place. */
async function withoutTrace<T>(ledger: Ledger, act: () => Promise<T>): Promise<T> {
  const snapshot = await ledger.provider.request({ method: "evm_snapshot" });
  const result = await act();
  await ledger.provider.request({ method: "evm_revert", params: [snapshot] });
  return result;
}

// Appending

function makeDigests(start: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, place) =>
    createHash("sha256")
      .update(`entry ${start + place}`)
      .digest(),
  );
}

async function append(
  { contracts, actors }: Ledger,
  start: number,
  count: number,
  usages: { agreement: string; count: number }[],
): Promise<Cost> {
  const log = contracts.log.connect(actors.gateway);
  const sent = await log.append(start, makeDigests(start, count), usages, { gasLimit });
  return { gas: await gasOf(sent), floor: floorOf(sent.data) };
}

async function grow(ledger: Ledger, tree: MerkleTree, count: number): Promise<void> {
  const start = tree.size();
  await append(ledger, start, count, []);
  tree.append(makeDigests(start, count));
  const { root } = await ledger.contracts.log.log(ledger.ids.gateway);
  if (root !== hexlify(tree.root(tree.size()))) throw new Error(`the contract has another root at ${tree.size()}`);
}

// Agreements

async function measureAgreement(ledger: Ledger, now: number) {
  const { contracts, actors } = ledger;
  const terms = makeTerms(ledger, "measured", now);
  const agreement = await contracts.agreements.idOf(encodedTerms(terms));
  const offer = await gasOf(await contracts.agreements.offer(encodedTerms(terms), policyText));
  const sign = await gasOf(await signTerms(ledger, terms, agreement, "Assigner"));
  await signTerms(ledger, terms, agreement, "Assignee");
  const signLast = await gasOf(await signTerms(ledger, terms, agreement, "Regulator"));
  const regulating = contracts.agreements.connect(actors.regulator);
  const suspend = await withoutTrace(ledger, async () => gasOf(await regulating.suspend(agreement, "inspection")));
  const terminate = await withoutTrace(ledger, async () => gasOf(await regulating.terminate(agreement, "enough")));
  row("offer", offer);
  row("sign", sign);
  row("sign, last", signLast);
  row("suspend", suspend);
  row("terminate", terminate);
  return { agreement, costs: { offer, sign, suspend, terminate } };
}

async function measureEvaluate({ contracts, actors, ids }: Ledger, agreement: string, now: number): Promise<number> {
  const request = {
    gateway: ids.gateway,
    agreement,
    signer: actors.consumer.address,
    purpose: "DUO:0000007",
    fields: 1n,
    disclosure: 0,
    time: now,
  };
  const { permitted } = await contracts.policy.evaluate(request);
  if (!permitted) throw new Error("the policy refuses what the benchmark measures");
  const gas = Number(await contracts.policy.evaluate.estimateGas(request));
  row("evaluate", gas, "if it were sent; as a view call it costs nothing");
  return gas;
}

// Challenges

async function measureChallenges(ledger: Ledger, tree: MerkleTree, now: number) {
  const single: Record<string, number> = {};
  for (const count of [1, 64]) {
    const note = count === 1 ? "receipts of one entry" : `receipts of ${count} entries under one signature`;
    const costs = await challenge(ledger, tree, now, count);
    for (const [name, gas] of Object.entries(costs)) row(`challenge ${name}`, gas, note);
    if (count === 1) Object.assign(single, costs);
  }
  return single;
}

async function challenge(ledger: Ledger, tree: MerkleTree, now: number, count: number) {
  const { log } = ledger.contracts;
  const { gateway } = ledger.ids;
  const late = await makeReceipt(ledger, tree.size() + 5, count, "promised", now);
  const replaced = await makeReceipt(ledger, tree.size() - 1_000, count, "promised", now);
  const first = await makeReceipt(ledger, tree.size() - 1_000, count, "first", now);
  const head = { size: tree.size(), root: hexlify(tree.root(tree.size())) };
  const index = replaced.index;
  const [other] = makeDigests(index, 1) as [Buffer];
  const path = tree.path(index, tree.size());
  return {
    late: await withoutTrace(ledger, async () => gasOf(await log.challengeLate(gateway, late.packed))),
    equivocation: await withoutTrace(ledger, async () =>
      gasOf(await log.challengeEquivocation(gateway, first.packed, replaced.packed)),
    ),
    replaced: await withoutTrace(ledger, async () =>
      gasOf(await log.challengeReplaced(gateway, replaced.packed, head, other, path)),
    ),
  };
}

async function makeReceipt(ledger: Ledger, start: number, count: number, seed: string, now: number) {
  const batch = createMerkleTree();
  batch.append(Array.from({ length: count }, (_, i) => createHash("sha256").update(`${seed} ${i}`).digest()));
  const promise = {
    gateway: ledger.ids.gateway,
    start,
    count,
    issuedAt: now,
    deadline: now + 1,
  };
  const domain = eip712Domain({
    chainId: Number((await ledger.ethers.provider.getNetwork()).chainId),
    verifyingContract: (await ledger.contracts.log.getAddress()) as Address,
  });
  const signed = { ...promise, root: hexlify(batch.root(count)) };
  const signature = await ledger.actors.gateway.signTypedData(domain, receiptBatchTypes, signed);
  const entry = createHash("sha256").update(`${seed} 0`).digest();
  return {
    index: start,
    packed: packedReceipt({
      ...promise,
      index: start,
      entry: toHex<EntryDigest>(entry),
      path: batch.path(0, count).map((node) => toHex<Hash>(node)),
      signature: signature as Hex,
    }),
  };
}

await main();
