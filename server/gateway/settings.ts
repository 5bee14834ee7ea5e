import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { canonicalBytes } from "../domain/entry.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";
import type { SettingsStore } from "../store/settingsStore.ts";
import { type Config, settingNames } from "./config.ts";

/** What of the settings, and of the release, shapes what is released, recorded and promised: plain JSON. */
export type Settings = Readonly<Record<string, unknown>>;

const unspoken = /_(HOST|PORT|ORIGIN|MANIFEST|KEYSTORE|FILE)$/;

/** Tells nothing of where the gateway listens, nor of secrets; of an address only whether there is one. */
export function tellSettings(config: Config, version: string): Settings {
  const told = settingNames
    .filter((name) => !unspoken.test(name))
    .map((name) => {
      const value = config[name as keyof Config] ?? null;
      return [name, name.endsWith("_URL") ? value !== null : value] as const;
    });
  return { version, ...Object.fromEntries(told) };
}

/** Makes the seal over kept settings, so that whoever writes into the store cannot make others look like the last ones. */
export function createSeal(privateKey: Uint8Array): (text: string) => Buffer {
  const key = new Uint8Array(hkdfSync("sha256", privateKey, "", "datapact settings", 32));
  return (text) => createHmac("sha256", key).update(text).digest();
}

/** A change of settings. `before` is null if nobody can tell what they were. */
export type SettingsChange = { readonly before: Settings | null; readonly after: Settings };

export type SettingsParts = {
  readonly append: Journal["append"];
  /** Whether nothing was ever recorded. */
  readonly isEmpty: () => boolean;
  readonly settings: Settings;
  readonly seal: (text: string) => Buffer;
  readonly store: SettingsStore;
  /** Makes the entry of a change. */
  readonly record: (change: SettingsChange) => Promise<unknown>;
  readonly warn: (changed: readonly string[]) => void;
};

/**
 * Appends as `append` does, and before the first entry under other settings than the last one's an entry that tells of the change:
 * without it, nothing is recorded, and so nothing released.
 */
export function recordSettingsFirst(parts: SettingsParts): Journal["append"] {
  const { append, settings, seal, store } = parts;
  let isRecorded = false;
  let recording: Promise<void> | undefined;

  const readBefore = async (): Promise<Settings | null> => {
    const kept = await store.read();
    if (kept === undefined || !timingSafeEqual(seal(kept.settings), kept.seal)) return null;
    return JSON.parse(kept.settings) as Settings;
  };
  const recordChange = async (): Promise<void> => {
    const text = canonicalBytes(settings).toString();
    const before = await readBefore();
    if (before === null || canonicalBytes(before).toString() !== text) {
      if (!parts.isEmpty()) {
        await parts.record({ before, after: settings });
        parts.warn(changedNames(before, settings));
      }
      await store.write({ settings: text, seal: seal(text) });
    }
    isRecorded = true;
  };
  const first = (): Promise<void> => {
    recording ??= recordChange().finally(() => {
      recording = undefined;
    });
    return recording;
  };

  return (row) =>
    isRecorded
      ? append(row)
      : first().then(
          () => append(row),
          (error: unknown) => {
            throw error instanceof JournalUnavailable ? error : new JournalUnavailable(error);
          },
        );
}

function changedNames(before: Settings | null, after: Settings): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after[name])).sort();
}
