import type { Place } from "./findPlaces.ts";

/** Writes a place as the opaque `next` of a page. */
export function writePlace({ at, index }: Place): string {
  return Buffer.from(`${Date.parse(at)}.${index}`).toString("base64url");
}

/** Reads the `next` of a page; undefined if it is none. */
export function readPlace(cursor: string): Place | undefined {
  const [, at, index] = /^(\d{1,14})\.(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return at === undefined ? undefined : { at: new Date(Number(at)).toISOString(), index: Number(index) };
}
