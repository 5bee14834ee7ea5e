import type pg from "pg";
import type { Space } from "../chain/space.ts";
import type { ReadView } from "../chain/view.ts";
import type { SessionRoutes } from "../http/sessionRoutes.ts";
import { createActorFinder } from "../session/findActor.ts";
import { createNonces } from "../session/nonces.ts";
import { createSessions } from "../session/sessions.ts";
import { createSessionStore } from "../store/sessionStore.ts";
import type { Config } from "./config.ts";

type Parts = {
  readonly config: Config;
  readonly space: Space;
  readonly pool: pg.Pool;
  readonly readView: ReadView;
  readonly now: () => number;
};

/**
 * Keeps the sessions of this gateway as the settings say.
 * @param place Where the gateway listens, once it does: its public origin unless the settings name another.
 */
export function keepSessions({ config, space, pool, readView, now }: Parts, place: () => string): SessionRoutes {
  const { chainId } = space.manifest;
  const nonces = createNonces(now);
  const origin = (): string => config.DATAPACT_PUBLIC_ORIGIN ?? place();
  const sessions = createSessions({
    store: createSessionStore(pool),
    nonces,
    findActor: createActorFinder(readView, space.reader, now),
    origin,
    chainId,
    idleSeconds: config.DATAPACT_SESSION_IDLE_SECONDS,
    mostSeconds: config.DATAPACT_SESSION_SECONDS,
    now,
  });
  return { sessions, nonces, origin, chainId };
}
