import type { Request } from "express";
import { needsSession, type Route } from "../api/routes.ts";
import { SignInRefused } from "../session/refused.ts";
import type { Session, Sessions } from "../session/sessions.ts";
import { isForeign } from "./origin.ts";
import { OriginForeign } from "./problem.ts";
import { readToken } from "./sessionToken.ts";

/** Lets a request through to a route, with the session that the route needs; undefined if it needs none. */
export type Guard = (route: Route, request: Request) => Promise<Session | undefined>;

/**
 * Makes the guard of all routes. It rejects with `SignInRefused` or `SessionUnavailable`, and with `OriginForeign` if a page of another site
 * would use somebody's session.
 */
export function createGuard(sessions: Pick<Sessions, "resume">, origin: () => string): Guard {
  return async (route, request) => {
    if (!needsSession(route)) return undefined;
    if (isForeign(request, origin())) throw new OriginForeign(origin());
    const presented = readToken(request);
    if (presented === undefined) throw new SignInRefused("SessionMissing");
    const session = await sessions.resume(presented.token, presented.form);
    const { access } = route;
    const isAllowed = typeof access === "string" || session.actor.roles.some((role) => access.includes(role));
    if (!isAllowed) throw new SignInRefused("RoleMissing");
    return session;
  };
}
