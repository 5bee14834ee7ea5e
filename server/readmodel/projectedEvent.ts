import type { BlockEvents, PlacedEvent } from "../chain/blocks.ts";
import type { PlainArguments } from "../chain/plainEvent.ts";
import { zeroHash } from "../domain/hash.ts";

/** An event as the store keeps it. `time` is that of its block, unix seconds; `subject` is the id that it is about. */
export type ProjectedEvent = Pick<PlacedEvent, "contract" | "name" | "args" | "logIndex" | "transaction"> & {
  readonly block: number;
  readonly time: number;
  readonly subject: string;
};

/** All events of blocks, in the order of the chain. */
export function flatten(blocks: readonly BlockEvents[]): ProjectedEvent[] {
  return blocks.flatMap(({ number, time, events }) =>
    events
      .toSorted((a, b) => a.logIndex - b.logIndex)
      .map((event) => ({ ...event, block: number, time, subject: subjectOf(event.args) })),
  );
}

/** The id that an event is about: its first member; zero if it is about the whole space. */
function subjectOf({ id, gateway }: PlainArguments): string {
  return String(id ?? gateway ?? zeroHash);
}
