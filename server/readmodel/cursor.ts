/** A place in a list: the block and the log of the last item that was given. */
export type Place = { readonly block: number; readonly logIndex: number };

/** Writes a place as the opaque `next` of a page. */
export function writeCursor({ block, logIndex }: Place): string {
  return Buffer.from(`${block}.${logIndex}`).toString("base64url");
}

/** Reads the `next` of a page; undefined if it is none. */
export function readCursor(cursor: string): Place | undefined {
  const [, block, logIndex] = /^(\d{1,15})\.(\d{1,9})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return block === undefined ? undefined : { block: Number(block), logIndex: Number(logIndex) };
}
