import { readListening } from "../../server/gateway/config.ts";
import { placesOf } from "../../server/gateway/listenAll.ts";
import { requireFree } from "../../server/http/listen.ts";

/**
 * Finds out whether a gateway of these settings could listen, before anything is started for it. Rejects, naming the setting to change, if
 * a port is taken or is none.
 */
export async function requireFreePorts(environment: NodeJS.ProcessEnv): Promise<void> {
  const { requests, metrics } = placesOf(readListening(environment));
  await requireFree(requests);
  if (metrics !== undefined) await requireFree(metrics);
}
