import type { ChainReader } from "../chain/reader.ts";
import type { ReadView } from "../chain/view.ts";
import type { Actor } from "../domain/actor.ts";
import type { Address } from "../domain/ids.ts";

/**
 * Makes the question for whom a key acts, at the head that the gateway decides under: a key that was rotated or a participant that was
 * suspended in the newest block acts no more.
 * @param now Unix seconds.
 */
export function createActorFinder(
  readView: ReadView,
  reader: Pick<ChainReader, "participantOf">,
  now: () => number,
): (key: Address) => Promise<Actor | undefined> {
  return async (key) => {
    const { head } = await readView();
    const found = await reader.participantOf(key, Math.max(head.time, now()), head.hash);
    if (found === undefined || found.suspendedAt !== 0) return undefined;
    const { id: participant, name, roles, isDelegate } = found;
    return { participant, name, roles, key, isDelegate, block: { number: head.number, hash: head.hash } };
  };
}
