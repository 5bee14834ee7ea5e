import { useSyncExternalStore } from "react";
import { readPreference, writePreference } from "../parts/preference.ts";
import { sha256, toHex } from "./bytes.ts";
import { canonicalBytes } from "./canonical.ts";
import type { Manifest } from "./chain.ts";

/** Names a deployment in short: SHA-256 of its manifest's canonical JSON (RFC 8785). */
export async function manifestDigest(manifest: Manifest): Promise<string> {
  return toHex(await sha256(canonicalBytes(manifest)));
}

/** The digest that a text is, or that of the manifest that it is; undefined if it is neither. */
export async function digestOf(text: string): Promise<string | undefined> {
  const trimmed = text.trim().toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(trimmed)) return trimmed;
  try {
    const parsed = JSON.parse(text) as Manifest;
    const isManifest = typeof parsed.chainId === "number" && typeof parsed.contracts === "object";
    return isManifest ? await manifestDigest(parsed) : undefined;
  } catch {
    return undefined;
  }
}

const listeners = new Set<() => void>();

/** Pins a deployment on this device: verdicts over any other are told to be so. Without a digest, none is pinned any more. */
export function pin(digest: string | undefined): void {
  writePreference("manifest", digest ?? "");
  for (const changed of listeners) changed();
}

/** The digest of the deployment that is pinned; undefined if none is. */
export function usePin(): string | undefined {
  return useSyncExternalStore(listen, pinned, pinned);
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

const pinned = (): string | undefined => readPreference("manifest") || undefined;
