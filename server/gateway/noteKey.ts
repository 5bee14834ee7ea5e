import { hkdfSync } from "node:crypto";
import { originOf, writeCheckpoint } from "../domain/checkpoint.ts";
import { type Ed25519Key, ed25519Key } from "../domain/ed25519.ts";
import { fromHex, toHex } from "../domain/hash.ts";
import type { Hash, ParticipantId } from "../domain/ids.ts";
import { signNote } from "../domain/signedNote.ts";
import type { SigningDomain } from "../domain/typedData.ts";

/** Makes the key that signs a log's checkpoints from the gateway's own: it needs no keeping, and changes when the gateway's does. */
export function noteKey(privateKey: Uint8Array): Ed25519Key {
  return ed25519Key(new Uint8Array(hkdfSync("sha256", privateKey, "", "datapact note key", 32)));
}

/** The key's way onto the chain. */
export type PublishedKey = {
  /** Whether the chain showed this key as the gateway's when it was asked last; it is asked again once a minute, while this is. */
  readonly isPublished: () => boolean;
  /** Asks the chain for it. */
  readonly look: () => Promise<void>;
  /** Publishes it unless the chain has it, or was asked a short while ago. What fails is told and not thrown: entries go first. */
  readonly ensure: (signal: AbortSignal) => Promise<void>;
};

const pauseMs = 60_000;

/**
 * @param read The key that the chain has for the gateway.
 * @param publish Sends this one and waits until it is mined.
 * @param clock In milliseconds.
 */
export function createPublishedKey(
  key: Ed25519Key,
  read: () => Promise<Hash>,
  publish: (key: Hash, signal: AbortSignal) => Promise<void>,
  warn: (message: string, error?: unknown) => void,
  clock: () => number = Date.now,
): PublishedKey {
  const own = toHex(key.publicKey);
  let published = false;
  let nextLook = 0;
  let nextTry = 0;
  const attempt = async (act: () => Promise<void>, signal?: AbortSignal): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (signal?.aborted !== true)
        warn("the key that signs notes cannot be brought onto the chain; it is tried again", error);
    }
  };
  const look = async (): Promise<void> => {
    nextLook = clock() + pauseMs;
    const found = (await read()) === own;
    if (published && !found) {
      nextTry = 0;
      warn("the chain has another key for the gateway's notes: who published that one?");
    }
    published = found;
  };
  return {
    isPublished: () => {
      if (clock() >= nextLook) void attempt(look);
      return published;
    },
    look: () => attempt(look),
    ensure: async (signal) => {
      if (clock() < (published ? nextLook : nextTry)) return;
      nextTry = clock() + pauseMs;
      await attempt(async () => {
        await look();
        if (!published) await publish(own, signal);
        published = true;
      }, signal);
    },
  };
}

/** Makes the signer of checkpoints of one log; signs each head once. */
export function createCheckpointSigner(accessLog: SigningDomain, gateway: ParticipantId, key: Ed25519Key) {
  const origin = originOf(accessLog, gateway);
  let last: { readonly size: number; readonly root: Hash; readonly note: string } | undefined;
  return (size: number, root: Hash): string => {
    if (last?.size !== size || last.root !== root) {
      const text = writeCheckpoint(origin, { size, root: fromHex(root) });
      last = { size, root, note: signNote(text, origin, key) };
    }
    return last.note;
  };
}
