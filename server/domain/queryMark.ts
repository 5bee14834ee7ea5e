import type { RequestDigest } from "./ids.ts";

/**
 * What the database's own log shows of a request that a statement was run for: the first 20 bytes of its digest, as long a name as
 * PostgreSQL tells apart.
 */
export function queryMark(request: RequestDigest): string {
  return `datapact_${request.slice(2, 42)}`;
}

/** The marks in a text of a log, in their order. */
export function marksIn(text: string): readonly string[] {
  return text.match(/\bdatapact_[0-9a-f]{40}\b/g) ?? [];
}
