import { setTimeout as sleep } from "node:timers/promises";
import { toQuantity } from "ethers";
import { z } from "zod";
import { signatureSchema, text } from "../api/primitives.ts";
import { receiptSchema, resultSchema, signedRequestSchema, usageEntrySchema } from "../api/usage.ts";
import { type Head, parseHead } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import type { UsageEntry } from "../domain/entry.ts";
import { toHex } from "../domain/hash.ts";
import type { Address, Hash } from "../domain/ids.ts";
import { parseJson } from "../domain/json.ts";
import { createReceiptSignerFinder } from "../domain/receiptSigner.ts";
import {
  type AgreementFacts,
  type ChainFacts,
  type Checked,
  type Evidence,
  verifyReceipt,
} from "../proof/verifyReceipt.ts";
import { defectOf, identityProblem, verifyLog } from "../proof/verifyLog.ts";
import { stoodAt } from "./agreementLife.ts";
import { type ChainLog, treeOf } from "./chainLog.ts";
import { readIdentity, readLog } from "./readLog.ts";

/** Purpose and statement as they were signed, which may be longer than a gateway takes. */
export const signedSchema = z.strictObject({
  request: z.strictObject({ ...signedRequestSchema.shape.request.shape, purpose: text, statement: text }),
  signature: signatureSchema,
});

const evidenceSchema = z.strictObject({
  signed: signedSchema,
  entry: usageEntrySchema,
  receipt: receiptSchema,
  result: resultSchema.optional(),
});

/** Reads what a consumer kept. Throws, saying where it is wrong, if it is not of that shape. */
export function parseEvidence(json: string): Evidence {
  const parsed = evidenceSchema.safeParse(parseJson(json));
  if (parsed.success) return parsed.data as unknown as Evidence;
  const [issue] = parsed.error.issues;
  const where = [...(issue?.path ?? []), ...(issue?.code === "unrecognized_keys" ? issue.keys : [])].join(".");
  throw new Error(`this is not a receipt that \`datapact query\` saved: look at ${where || "all of it"}`);
}

/**
 * Verifies evidence against the chain alone; the gateway is not asked. An entry that is not anchored yet is waited for, up to
 * `waitMs` and not beyond the deadline of the receipt.
 * @param depth How many blocks must follow one that counts.
 */
export async function verifyEvidence(space: Space, evidence: Evidence, waitMs: number, depth = 0): Promise<Checked[]> {
  const until = Math.min(Date.now() + waitMs, evidence.receipt.deadline * 1_000);
  for (;;) {
    const log = await readLog(space, evidence.receipt.gateway, depth);
    const broken = defectOf(await verifyLog(log));
    const inclusion = broken === undefined ? inclusionIn(treeOf(log), evidence.receipt.index) : undefined;
    const checked = verifyReceipt(evidence, await gatherFacts(space, evidence, inclusion, broken?.problem));
    const pending = checked.every(({ check, problem }) => problem === undefined || check === "inclusion");
    const anchored = checked.every(({ problem }) => problem === undefined);
    if (anchored || !pending || Date.now() >= until) return checked;
    await sleep(500);
  }
}

/** The proof that an entry stands in a log as the chain tells it; undefined if the log is shorter. */
export function inclusionIn({ tree }: Pick<ChainLog, "tree">, index: number): ChainFacts["inclusion"] {
  const size = tree.size();
  if (index >= size) return undefined;
  return { size, root: toHex(tree.root(size)), path: tree.path(index, size).map((node) => toHex(node)) };
}

/**
 * Asks the chain for all that evidence is held against, but for the `inclusion`, whose head the caller has found on chain.
 * @param log What is broken in the log as a whole, if the caller has verified it.
 */
export async function gatherFacts(
  space: Space,
  { entry, receipt }: Evidence,
  inclusion: ChainFacts["inclusion"],
  log?: string,
): Promise<ChainFacts> {
  const accessLog = space.domainOf("AccessLog");
  const head = await space.readHead();
  const key = createReceiptSignerFinder(accessLog)(receipt);
  const acted = key !== undefined && (await space.reader.isKeyOf(key, receipt.gateway, receipt.issuedAt, head.hash));
  return {
    chain: identityProblem(space.manifest, await readIdentity(space)),
    log,
    accessLog,
    usagePolicy: space.domainOf("UsagePolicy"),
    isGatewayKey: (asked: Address) => acted && asked === key,
    block: entry.block === null ? undefined : await blockFacts(space, entry.block.number),
    agreement: await agreementFacts(space, entry, key, head.hash),
    inclusion,
  };
}

async function blockFacts(space: Space, number: number): Promise<ChainFacts["block"]> {
  const [block, next] = await Promise.all([number, number + 1].map((at) => readBlock(space, at)));
  return block && { hash: block.hash, time: block.time, nextTime: next?.time };
}

async function readBlock(space: Space, number: number): Promise<Head | undefined> {
  const block = await space.send("eth_getBlockByNumber", [toQuantity(number), false]);
  return block === null ? undefined : parseHead(block);
}

async function agreementFacts(
  space: Space,
  { agreement, signer, time, block }: UsageEntry,
  gatewayKey: Address | undefined,
  head: Hash,
): Promise<AgreementFacts | undefined> {
  const terms = await space.reader.terms(agreement, head);
  if (terms === undefined) return undefined;
  const at = Math.floor(Date.parse(time) / 1_000);
  const [asked, acting] = await Promise.all([
    space.reader.isKeyOf(signer, terms.assignee, at, head),
    gatewayKey && space.reader.gatewayOf(gatewayKey, head),
  ]);
  const own = block === null ? undefined : await readBlock(space, block.number);
  const stood = own !== undefined && (await stoodAt(space, agreement, own));
  return { terms, partiesActed: asked && acting?.hospital === terms.assigner, stood };
}
