import type { Request, RequestHandler } from "express";
import { foreign, sendProblem } from "./problem.ts";

/**
 * Whether a page of another site made a browser send this. Browsers say so themselves; who is no browser says nothing, and bears no
 * cookie either.
 * @param origin The gateway's public one.
 */
export function isForeign(request: Request, origin: string): boolean {
  const site = request.get("sec-fetch-site");
  const from = request.get("origin");
  return (site !== undefined && site !== "same-origin" && site !== "none") || (from !== undefined && from !== origin);
}

/** Makes the middleware that lets no page of another site change anything here. */
export function refuseForeignSites(origin: () => string): RequestHandler {
  return function refuseForeignSite(request, response, next) {
    const changesNothing = request.method === "GET" || request.method === "HEAD";
    if (changesNothing || !isForeign(request, origin())) next();
    else sendProblem(response, foreign(origin()));
  };
}
