import { type ChainEvent, readEvents } from "../chain/events.ts";
import { askHead } from "../chain/head.ts";
import { forever } from "../chain/reader.ts";
import type { Space } from "../chain/space.ts";
import { zeroHash } from "../domain/hash.ts";
import type { Address, ParticipantId } from "../domain/ids.ts";
import { type KeyEvent, type KeyPeriod, keyPeriods, type ParticipantRecord } from "../proof/keyHistory.ts";
import type { BlockFacts } from "../proof/verifyLog.ts";
import { type Compared, readBorneOut } from "./contradiction.ts";
import { forEachOf } from "./forEachOf.ts";

/**
 * Reads a participant and the history of its keys up to a block; undefined if there is none. What the contract has at the newest block must
 * bear it out: throws `NodeContradicted` if the node hides that a key was replaced or ended.
 */
export async function readParticipant(
  space: Space,
  id: ParticipantId,
  last: BlockFacts,
): Promise<ParticipantRecord | undefined> {
  const timed = await readBorneOut(() => readKeyEvents(space, id));
  const known = timed.filter(({ event }) => event.block <= last.number);
  const admitted = known.find(({ event }) => event.name === "ParticipantAdmitted");
  if (admitted === undefined) return undefined;
  const { registrationNumber, name, roles, hospital } = admitted.event.args;
  const home = hospital === zeroHash ? null : (hospital as ParticipantId);
  return { id, registrationNumber, name, roles: Number(roles), hospital: home, keys: periodsOf(known) };
}

type Timed = { readonly event: ChainEvent; readonly time: number };

async function readKeyEvents(space: Space, id: ParticipantId): Promise<Compared<Timed[]>> {
  const head = await space.readHead();
  const events = await readEvents(space, "ParticipantRegistry", id, head.number);
  const told = await forEachOf(events, async (event) => ({
    event,
    time: (await askHead(space.send, event.block)).time,
  }));
  const isAdmitted = events.some(({ name }) => name === "ParticipantAdmitted");
  return { told, problem: await keysProblem(space, id, isAdmitted, periodsOf(told), head) };
}

/** No key acts twice, so each has one period, which the contract keeps for ever: a key that was replaced or ended shows in its own. */
async function keysProblem(
  { reader }: Space,
  id: ParticipantId,
  isAdmitted: boolean,
  keys: readonly KeyPeriod[],
  { hash }: BlockFacts,
): Promise<string | undefined> {
  if (isAdmitted !== (await reader.isAdmitted(id, hash)))
    return `participant ${id} was admitted, or was not, unlike its events tell`;
  for (const { key, from, until } of keys) {
    const period = await reader.periodOf(key, id, hash);
    if (period.from !== from || period.until !== (until ?? forever))
      return `key ${key} of participant ${id} acts at other times than its events tell`;
  }
  return undefined;
}

const periodsOf = (timed: readonly Timed[]): KeyPeriod[] =>
  keyPeriods(timed.map(({ event, time }) => toKeyEvent(event, time)).filter((event) => event !== undefined));

function toKeyEvent({ name, args }: ChainEvent, time: number): KeyEvent | undefined {
  const address = (value: unknown): Address => String(value).toLowerCase() as Address;
  switch (name) {
    case "ParticipantAdmitted":
      return { name, time, key: address(args.key) };
    case "KeyRotated":
      return { name, time, previous: address(args.previous), current: address(args.current) };
    case "DelegateAuthorized":
      return { name, time, delegate: address(args.delegate), validUntil: Number(args.validUntil) };
    case "DelegateRevoked":
      return { name, time, delegate: address(args.delegate) };
    default:
      return undefined;
  }
}
