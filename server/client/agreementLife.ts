import { type ChainEvent, readEvents } from "../chain/events.ts";
import { askHead } from "../chain/head.ts";
import type { AgreementLife } from "../chain/reader.ts";
import { NodesDisagree } from "../chain/secondNode.ts";
import type { Space } from "../chain/space.ts";
import { zeroHash } from "../domain/hash.ts";
import type { AgreementId, Hash } from "../domain/ids.ts";
import { capacities } from "../domain/terms.ts";
import type { BlockFacts } from "../proof/verifyLog.ts";
import { NodeContradicted, readBorneOut } from "./contradiction.ts";
import { forEachOf } from "./forEachOf.ts";

/** All but its uses, which are many. */
const lifeEvents = [
  "AgreementOffered",
  "AgreementSigned",
  "AgreementFinalized",
  "AgreementSuspended",
  "AgreementReinstated",
  "AgreementTerminated",
  "AgreementReplaced",
];

/** An event of an agreement, and its block. */
export type PlacedEvent = { readonly event: ChainEvent; readonly block: BlockFacts };

/**
 * Reads all that happened to an agreement up to the newest block, but for its uses, in order. The contract's facts at that block must bear
 * it out: throws `NodeContradicted` if the node hides an event that the state shows.
 */
export function readAgreementLife(space: Space, id: AgreementId): Promise<PlacedEvent[]> {
  return readBorneOut(async () => {
    const head = await space.readHead();
    const { block } = space.manifest;
    const events = await readEvents(space, "AgreementRegistry", id, head.number, block, lifeEvents);
    const told = await forEachOf(events, async (event) => ({ event, block: await askHead(space.send, event.block) }));
    const facts = await space.reader.facts(id, head.hash);
    return { told, problem: differenceOf(id, told, facts) };
  });
}

/**
 * Whether an agreement was finalized, and neither suspended nor ended, after this block, as its events tell. Where the node still has the
 * state after that block, that must bear it out too: a stop that was undone later shows in no other.
 */
export async function stoodAt(
  space: Space,
  id: AgreementId,
  { number, hash }: { readonly number: number; readonly hash: Hash },
): Promise<boolean> {
  const told = (await readAgreementLife(space, id)).filter(({ block }) => block.number <= number);
  const facts = await space.reader.facts(id, hash).catch((error: unknown) => {
    // most nodes forget old states
    if (error instanceof NodesDisagree) throw error;
    return undefined;
  });
  const problem = facts && differenceOf(id, told, facts);
  if (problem !== undefined) throw new NodeContradicted(`the node contradicts itself: ${problem}`);
  const { finalizedAt, terminatedAt, suspendedAt } = lifeOf(told);
  return finalizedAt !== 0 && terminatedAt === 0 && suspendedAt.every((time) => time === 0);
}

/** What the events of an agreement come to. */
function lifeOf(told: readonly PlacedEvent[]): AgreementLife {
  const life = {
    offeredAt: 0,
    signedAt: [0, 0],
    finalizedAt: 0,
    terminatedAt: 0,
    approvals: 0,
    suspendedAt: [0, 0, 0],
    replacedBy: zeroHash as string as AgreementId,
  };
  for (const { event, block } of told) {
    const capacity = Number(event.args.toObject().capacity ?? 0);
    if (event.name === "AgreementOffered") life.offeredAt = block.time;
    if (event.name === "AgreementSigned" && capacities[capacity] === "Regulator") life.approvals += 1;
    else if (event.name === "AgreementSigned") life.signedAt[capacity] = block.time;
    if (event.name === "AgreementFinalized") life.finalizedAt = block.time;
    if (event.name === "AgreementSuspended") life.suspendedAt[capacity] = block.time;
    if (event.name === "AgreementReinstated") life.suspendedAt[capacity] = 0;
    if (event.name === "AgreementTerminated" || event.name === "AgreementReplaced") life.terminatedAt = block.time;
    if (event.name === "AgreementReplaced") life.replacedBy = event.args.by as AgreementId;
  }
  return life;
}

function differenceOf(id: AgreementId, told: readonly PlacedEvent[], facts: AgreementLife): string | undefined {
  const own = lifeOf(told);
  const name = (Object.keys(own) as (keyof AgreementLife)[]).find((key) => String(own[key]) !== String(facts[key]));
  return name && `of agreement ${id} its events come to another ${name} than the contract has`;
}
