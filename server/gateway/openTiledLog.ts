import type { Anchor } from "../anchor/anchor.ts";
import { originOf } from "../domain/checkpoint.ts";
import type { Ed25519Key } from "../domain/ed25519.ts";
import { fromHex } from "../domain/hash.ts";
import type { ParticipantId } from "../domain/ids.ts";
import type { SigningDomain } from "../domain/typedData.ts";
import type { TiledLog } from "../http/tiles.ts";
import type { Journal } from "../journal/journal.ts";
import { writeCoseReceipt } from "../proof/coseReceipt.ts";
import { createCheckpointSigner, type PublishedKey } from "./noteKey.ts";

type Parts = {
  readonly accessLog: SigningDomain;
  readonly gateway: ParticipantId;
  readonly journal: Pick<Journal, "tree" | "digests">;
  readonly anchor: Pick<Anchor, "anchored">;
  readonly noteKey: Ed25519Key;
  readonly publishedKey: Pick<PublishedKey, "isPublished">;
};

/** The anchored log for the field's own tools. Heads are signed only while the chain has the key that signs them. */
export function openTiledLog({ accessLog, gateway, journal, anchor, noteKey, publishedKey }: Parts): TiledLog {
  const origin = originOf(accessLog, gateway);
  const signCheckpoint = createCheckpointSigner(accessLog, gateway, noteKey);
  const signedHead = () => {
    const head = publishedKey.isPublished() ? anchor.anchored() : undefined;
    return head === undefined || head.size === 0 ? undefined : head;
  };
  return {
    tree: journal.tree,
    digests: journal.digests,
    anchored: () => anchor.anchored()?.size ?? 0,
    checkpoint: () => {
      const head = signedHead();
      return head && signCheckpoint(head.size, head.root);
    },
    coseReceipt: (index) => {
      const head = signedHead();
      if (head === undefined || head.size < 2 || index >= head.size) return undefined;
      const { size } = head;
      return writeCoseReceipt(
        origin,
        { size, root: fromHex(head.root) },
        index,
        journal.tree.path(index, size),
        noteKey,
      );
    },
  };
}
