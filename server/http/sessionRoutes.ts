import { signInStatement } from "../domain/signIn.ts";
import { toTime } from "../readmodel/time.ts";
import type { Nonces } from "../session/nonces.ts";
import type { Session, Sessions } from "../session/sessions.ts";
import type { Mount } from "./mount.ts";
import { clearCookie, readToken, setCookie } from "./sessionToken.ts";

export type SessionRoutes = {
  readonly sessions: Sessions;
  readonly nonces: Nonces;
  readonly origin: () => string;
  readonly chainId: number;
};

/** Serves signing in and out. */
export function mountSessionRoutes(
  { mount, mountRaw }: Mount,
  { sessions, nonces, origin, chainId }: SessionRoutes,
): void {
  mount("challenge", () => {
    const { nonce, expiresAt } = nonces.issue();
    const uri = origin();
    const { host: domain } = new URL(uri);
    return { domain, uri, statement: signInStatement, version: "1", chainId, nonce, expiresAt: toTime(expiresAt) };
  });
  mountRaw("signIn", async ({ message, signature, form }, { request, response }) => {
    const { token, session } = await sessions.signIn(message, signature, form);
    const old = readToken(request);
    if (old !== undefined) await sessions.signOut(old.token);
    if (form === "cookie") setCookie(response, token);
    response.json({ ...describe(session), token: form === "bearer" ? token : null });
  });
  mount("session", (_input, session) => describe(session));
  mountRaw("signOut", async (_input, { request, response }) => {
    const presented = readToken(request);
    if (presented !== undefined) await sessions.signOut(presented.token);
    clearCookie(response);
    response.json({ status: "signed out" });
  });
}

function describe({ actor, endsAt }: Session) {
  const { participant: id, name, roles, key, isDelegate: delegate } = actor;
  return { participant: { id, name }, roles, key, delegate, endsAt: toTime(endsAt) };
}
