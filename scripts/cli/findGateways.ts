import type { Space } from "../../server/chain/space.ts";
import { listParticipants } from "../../server/client/participants.ts";
import type { ParticipantId } from "../../server/domain/ids.ts";
import type { WatchedGateway } from "../../server/witness/round.ts";
import { Mistake, pick } from "./context.ts";
import type { WatchConfig } from "./watchConfig.ts";

/**
 * Finds out on chain who is meant, and gives how to find their gateways from now on, as more are admitted: a hospital means all of its
 * own, nobody named every gateway there is. One that was found stays watched, whatever a node shows later.
 */
export async function createGatewayFinder(
  space: Space,
  asked: WatchConfig["gateways"],
): Promise<() => Promise<readonly WatchedGateway[]>> {
  const { meant, urls } = await resolve(space, asked);
  const found = new Map<ParticipantId, WatchedGateway>();
  return async () => {
    for (const { id, roles, hospital } of await listParticipants(space)) {
      const isMeant = asked.length === 0 || meant.has(id) || (hospital !== undefined && meant.has(hospital));
      if (roles.includes("Gateway") && isMeant) found.set(id, { gateway: id, url: urls.get(id) });
    }
    return [...found.values()];
  };
}

/** Who is named, and where the gateways among them answer. Throws `Mistake` if that is not clear. */
async function resolve(space: Space, asked: WatchConfig["gateways"]) {
  const all = (await listParticipants(space)).filter(
    ({ roles }) => roles.includes("Gateway") || roles.includes("Hospital"),
  );
  const meant = new Set<ParticipantId>();
  const urls = new Map<ParticipantId, string>();
  for (const { name, url } of asked) {
    const one = pick("hospital or gateway", name, all, (item) => [item.id, item.registrationNumber, item.name]);
    const own = one.roles.includes("Gateway") ? [one] : all.filter(({ hospital }) => hospital === one.id);
    const [only] = own;
    if (only === undefined) throw new Mistake(`${name} has no gateway on chain yet.`);
    if (own.length > 1 && url !== undefined)
      throw new Mistake(`${name} has ${own.length} gateways: name the one that answers at ${url}.`);
    meant.add(one.id);
    if (url !== undefined) urls.set(only.id, url);
  }
  return { meant, urls };
}
