import type { ErrorRequestHandler, Response } from "express";
import { z } from "zod";
import { JournalUnavailable } from "../journal/journal.ts";
import { CursorInvalid, ReadModelEmpty } from "../readmodel/page.ts";
import { SessionUnavailable, SignInRefused, signInProblems } from "../session/refused.ts";
import { RangeTooLong } from "../trail/counts.ts";
import { FindingRefused, findingProblems } from "../trail/findingRefused.ts";
import { IndexBehind } from "../trail/keepIndex.ts";
import { TooManyRequests } from "../usage/turns.ts";
import { SignatureMalformed } from "../usage/use.ts";
import { BodyUnreadable } from "./body.ts";
import { QueryUnreadable } from "./readQuery.ts";

/** An error as clients get it (RFC 9457). `code` is of a closed list; nothing in it stems from the data. */
export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
};

/** Thrown when a page of another site would use somebody's session. */
export class OriginForeign extends Error {
  override readonly name = "OriginForeign";
}

export function sendProblem(response: Response, problem: Problem, more: Record<string, unknown> = {}): void {
  const body = { type: "about:blank", ...problem, ...more };
  response.status(problem.status).type("application/problem+json").send(JSON.stringify(body));
}

export const foreign = (origin: string): Problem => ({
  status: 403,
  code: "OriginForeign",
  title: "A page of another site sent this.",
  detail: `Ask from a page of ${origin}, or from no page.`,
});

export const notFound: Problem = { status: 404, code: "NotFound", title: "There is nothing here." };

/** Makes the handler that turns every error into a problem; what is not known becomes one generic 500. */
export function handleErrors(report: (error: unknown) => void): ErrorRequestHandler {
  return function toProblem(error, _request, response, next) {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error instanceof TooManyRequests) response.set("retry-after", String(error.retryAfter));
    if (error instanceof SignInRefused) response.set("www-authenticate", "Bearer");
    sendProblem(response, problemOf(error, report));
  };
}

function problemOf(error: unknown, report: (error: unknown) => void): Problem {
  if (error instanceof z.ZodError) {
    return {
      status: 400,
      code: "RequestMalformed",
      title: "The request has the wrong shape.",
      detail: z.prettifyError(error),
    };
  }
  if (error instanceof SignInRefused) {
    const [status, title] = signInProblems[error.code];
    return { status, code: error.code, title };
  }
  if (error instanceof FindingRefused) {
    const [status, title] = findingProblems[error.code];
    return { status, code: error.code, title };
  }
  if (error instanceof OriginForeign) return foreign(error.message);
  if (error instanceof SessionUnavailable) {
    report(error);
    return { status: 503, code: "SessionUnavailable", title: "It cannot be asked now who you are. Try again later." };
  }
  if (error instanceof SignatureMalformed) {
    const detail = "Sign with EIP-712: 65 bytes r, s, v, with v 27 or 28 and a low s, in lower-case hex.";
    return { status: 400, code: "SignatureMalformed", title: "The signature is not in the accepted form.", detail };
  }
  if (error instanceof TooManyRequests) {
    const detail = `Nothing was recorded. Ask anew in ${error.retryAfter} s or later.`;
    return { status: 429, code: "TooManyRequests", title: "Too many requests of one key.", detail };
  }
  if (error instanceof JournalUnavailable) {
    report(error);
    return {
      status: 503,
      code: "JournalUnavailable",
      title: "The use cannot be recorded now, so nothing may leave. Sign a new request later.",
    };
  }
  if (error instanceof BodyUnreadable) {
    const { status, message: detail } = error;
    if (status === 413) return { status, code: "RequestTooLarge", title: "The body is too large.", detail };
    return { status, code: "RequestMalformed", title: "The body cannot be read.", detail };
  }
  if (error instanceof QueryUnreadable)
    return { status: 400, code: "RequestMalformed", title: "The query cannot be read.", detail: error.message };
  if (error instanceof CursorInvalid) {
    const detail = "Give the `next` of a page of this list, or none.";
    return { status: 400, code: "RequestMalformed", title: "The cursor is none.", detail };
  }
  if (error instanceof RangeTooLong)
    return { status: 400, code: "RequestMalformed", title: "The range is too long.", detail: error.message };
  if (error instanceof IndexBehind)
    return {
      status: 503,
      code: "ReadModelBehind",
      title: "The newest entries are being indexed. Ask again in a moment.",
    };
  if (error instanceof ReadModelEmpty)
    return { status: 503, code: "ReadModelBehind", title: "The chain is being read. Ask again in a moment." };
  const { status } = error as { status?: unknown };
  if (typeof status === "number" && status >= 400 && status < 500)
    return { status, code: "RequestMalformed", title: "The request cannot be read." };
  report(error);
  return { status: 500, code: "InternalError", title: "The gateway failed. Its log tells its operator why." };
}
