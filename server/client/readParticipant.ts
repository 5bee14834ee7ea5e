import { type ChainEvent, readEvents } from "../chain/events.ts";
import { askHead } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import { zeroHash } from "../domain/hash.ts";
import type { Address, ParticipantId } from "../domain/ids.ts";
import { type KeyEvent, keyPeriods, type ParticipantRecord } from "../proof/keyHistory.ts";
import type { BlockFacts } from "../proof/verifyLog.ts";
import { forEachOf } from "./forEachOf.ts";

/** Reads a participant and the history of its keys up to a block; undefined if there is none. */
export async function readParticipant(
  space: Space,
  id: ParticipantId,
  last: BlockFacts,
): Promise<ParticipantRecord | undefined> {
  const events = await readEvents(space, "ParticipantRegistry", id, last.number);
  const admitted = events.find(({ name }) => name === "ParticipantAdmitted");
  if (admitted === undefined) return undefined;
  const { registrationNumber, name, roles, hospital } = admitted.args;
  const timed = await forEachOf(events, async (event) =>
    toKeyEvent(event, (await askHead(space.send, event.block)).time),
  );
  const keys = keyPeriods(timed.filter((event) => event !== undefined));
  const home = hospital === zeroHash ? null : (hospital as ParticipantId);
  return { id, registrationNumber, name, roles: Number(roles), hospital: home, keys };
}

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
