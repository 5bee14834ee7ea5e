import { type ChainEvent, readEvents } from "../chain/events.ts";
import type { Head } from "../chain/head.ts";
import type { Space } from "../chain/space.ts";
import { type ChainLog, rebuildLog } from "../client/chainLog.ts";
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
  readonly openCheckpoint: (note: string) => Promise<OpenedHead | undefined>;
};

/** A head that was signed, and whether by the key that is the gateway's still. Notes bear no time. */
export type OpenedHead = KnownHead & { readonly isCurrent: boolean };

type NoteKey = { readonly publicKey: Uint8Array; readonly isCurrent: boolean };

export function createLogHeads(space: Space, gateway: ParticipantId, until: Head): LogHeads {
  let events: Promise<ChainEvent[]> | undefined;
  const read = (): Promise<ChainEvent[]> => {
    events ??= readEvents(space, "AccessLog", gateway, until.number);
    return events;
  };
  const appended = async (): Promise<ChainEvent[]> => (await read()).filter(({ name }) => name === "EntriesAppended");
  let rebuilt: Promise<ChainLog> | undefined;
  const rebuild = (): Promise<ChainLog> => {
    rebuilt ??= rebuildLog(space, gateway);
    return rebuilt;
  };
  let keys: Promise<NoteKey[]> | undefined;
  const readKeys = async (): Promise<NoteKey[]> => {
    const published = (await read()).filter(({ name }) => name === "NoteKeyPublished");
    const changes = await readEvents(space, "ParticipantRegistry", gateway, until.number);
    // the note key is derived from the gateway's: who had that one had both
    const rotatedAt = changes.findLast(({ name }) => name === "KeyRotated")?.block ?? 0;
    return published.map(({ args, block }, at) => ({
      publicKey: fromHex(args.key as Hex),
      isCurrent: at === published.length - 1 && block >= rotatedAt,
    }));
  };
  const origin = originOf(space.domainOf("AccessLog"), gateway);
  return {
    rootAt: async (size) => {
      const batch = (await appended()).find(({ args }) => Number(args.size) === size);
      if (batch !== undefined) return batch.args.root as Hash;
      // no head that the chain has: the tree tells all the same
      return toHex<Hash>((await rebuild()).tree.root(size));
    },
    batchOf: async (index) => {
      const found = (await appended()).find(({ args }) => Number(args.start) <= index && index < Number(args.size));
      if (found === undefined) return undefined;
      const { args, block, transaction } = found;
      return { start: Number(args.start), size: Number(args.size), block, transaction };
    },
    openCheckpoint: async (note) => {
      if (!note.startsWith(`${origin}\n`)) return undefined;
      keys ??= readKeys();
      // the newest first: one key may have been published twice
      for (const { publicKey, isCurrent } of (await keys).toReversed()) {
        const text = openNote(note, { name: origin, publicKey });
        const head = text === undefined ? undefined : readCheckpoint(text, origin);
        if (head !== undefined) return { size: head.size, root: toHex(head.root), isCurrent };
      }
      return undefined;
    },
  };
}
