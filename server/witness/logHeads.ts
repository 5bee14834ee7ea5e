import { type ChainEvent, readEvents } from "../chain/events.ts";
import type { Head } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import { rebuildLog } from "../client/chainLog.ts";
import { originOf, readCheckpoint } from "../domain/checkpoint.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash, Hex, ParticipantId } from "../domain/ids.ts";
import { openNote } from "../domain/signedNote.ts";
import type { KnownHead } from "./state.ts";

/** What the chain tells of one log up to a block, read when it is asked for. */
export type LogHeads = {
  /** Root of the first `size` entries; `size` must not exceed that of the log at the block. */
  readonly rootAt: (size: number) => Promise<Hash>;
  /** The batch that holds an index. */
  readonly batchOf: (
    index: number,
  ) => Promise<
    { readonly start: number; readonly size: number; readonly block: number; readonly transaction: string } | undefined
  >;
  /** The head in a checkpoint that a key of this gateway has signed; undefined if it is none, or another log's. */
  readonly openCheckpoint: (note: string) => Promise<KnownHead | undefined>;
};

export function createLogHeads(space: Space, gateway: ParticipantId, until: Head): LogHeads {
  let events: Promise<ChainEvent[]> | undefined;
  const read = (): Promise<ChainEvent[]> => {
    events ??= readEvents(space, "AccessLog", gateway, until.number);
    return events;
  };
  const appended = async (): Promise<ChainEvent[]> => (await read()).filter(({ name }) => name === "EntriesAppended");
  const origin = originOf(space.domainOf("AccessLog"), gateway);
  return {
    rootAt: async (size) => {
      const batch = (await appended()).find(({ args }) => Number(args.size) === size);
      if (batch !== undefined) return batch.args.root as Hash;
      // no head that the chain has: the tree tells all the same
      return toHex<Hash>((await rebuildLog(space, gateway)).tree.root(size));
    },
    batchOf: async (index) => {
      const found = (await appended()).find(({ args }) => Number(args.start) <= index && index < Number(args.size));
      if (found === undefined) return undefined;
      const { args, block, transaction } = found;
      return { start: Number(args.start), size: Number(args.size), block, transaction };
    },
    openCheckpoint: async (note) => {
      if (!note.startsWith(`${origin}\n`)) return undefined;
      for (const { name, args } of await read()) {
        if (name !== "NoteKeyPublished") continue;
        const text = openNote(note, { name: origin, publicKey: fromHex(args.key as Hex) });
        const head = text === undefined ? undefined : readCheckpoint(text, origin);
        if (head !== undefined) return { size: head.size, root: toHex(head.root) };
      }
      return undefined;
    },
  };
}
