import type { Request, Response } from "express";
import type { SessionForm } from "../store/sessionStore.ts";

/** Bound to this very host and to TLS by its prefix; no script reads it and no other site makes a browser send it. */
const cookieName = "__Host-datapact";
const cookieOptions = { secure: true, httpOnly: true, sameSite: "strict", path: "/" } as const;

export type Presented = { readonly token: string; readonly form: SessionForm };

/** The token that a request bears, as a cookie or in its Authorization header; undefined unless it bears exactly one. */
export function readToken(request: Request): Presented | undefined {
  const cookies = (request.get("cookie") ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${cookieName}=`))
    .map((part) => part.slice(cookieName.length + 1));
  const header = request.get("authorization");
  const bearer = header === undefined ? [] : [/^Bearer (.*)$/i.exec(header)?.[1] ?? ""];
  const [found, ...more] = [
    ...cookies.map((token) => ({ token, form: "cookie" }) as const),
    ...bearer.map((token) => ({ token, form: "bearer" }) as const),
  ];
  if (found === undefined || more.length > 0 || !/^[0-9a-f]{64}$/.test(found.token)) return undefined;
  return found;
}

export function setCookie(response: Response, token: string): void {
  response.cookie(cookieName, token, cookieOptions);
}

export function clearCookie(response: Response): void {
  response.clearCookie(cookieName, cookieOptions);
}
