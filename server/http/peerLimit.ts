import type { RequestHandler } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { sendProblem } from "./problem.ts";

const windowSeconds = 10;

/**
 * Makes the middleware that lets each peer ask so often. A peer is the address that the connection comes from, or what a proxy that is
 * named as trusted says of it; a network of IPv6 counts as one.
 */
export function limitPeers(requestsPerMinute: number): RequestHandler {
  const points = Math.max(1, Math.round((requestsPerMinute * windowSeconds) / 60));
  const limiter = new RateLimiterMemory({ points, duration: windowSeconds });
  return async function limitPeer(request, response, next) {
    try {
      await limiter.consume(peerOf(request.ip ?? ""));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      response.set("retry-after", String(Math.ceil(refused.msBeforeNext / 1_000)));
      const detail = "Send no more before the time that Retry-After gives, in seconds.";
      sendProblem(response, { status: 429, code: "TooManyRequests", title: "Too many requests from here.", detail });
      return;
    }
    next();
  };
}

/** What counts as one peer: an IPv4 address, or the first 64 bits of an IPv6 address. */
export function peerOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [head = "", tail] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const groups = head.split(":").filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const filled = [
    ...groups,
    ...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0"),
    ...rest,
  ];
  return filled
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
