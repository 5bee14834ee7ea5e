import { createClient } from "../api/client.ts";
import type { LogAbout } from "../api/gateway.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { createBoundedFetch } from "./bounded.ts";

/** What a gateway says of itself: whose it is, how far its log is, and its signed checkpoint if it has one. */
export type Told = { readonly gateway: ParticipantId; readonly log: LogAbout; readonly note: string | undefined };

/** Asks a gateway; rejects if it does not answer as a gateway does. */
export type AskGateway = (url: string) => Promise<Told>;

const timeoutMs = 10_000;
const mostBytes = 2 ** 20;

export const askGateway: AskGateway = async (url) => {
  const bounded = createBoundedFetch(mostBytes);
  const client = createClient(url, bounded, timeoutMs);
  const [{ gateway }, log] = await Promise.all([client.gateway(), client.log()]);
  const response = await bounded(new URL("/checkpoint", url), { signal: AbortSignal.timeout(timeoutMs) });
  return { gateway, log, note: response.ok ? await response.text() : undefined };
};
