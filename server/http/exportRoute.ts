import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ExportPlace } from "../export/auditEvent.ts";
import { formats, writeExport } from "../export/writeExport.ts";
import type { TakeOut } from "../trail/takeOut.ts";
import { createFewAtOnce } from "./fewAtOnce.ts";
import type { Mount } from "./mount.ts";

export type ExportRoute = { readonly takeOut: TakeOut; readonly place: () => ExportPlace };

/** How long somebody may take to read one export. */
const longestMs = 3_600_000;
/** How many exports of one participant go at once. */
const mostAtOnce = 2;
const retryAfter = 10;

/** Serves exports as streams that go as fast as they are read. One that breaks off has no end: whoever reads it sees that. */
export function mountExportRoute(
  { mountRaw }: Mount,
  { takeOut, place }: ExportRoute,
  report: (error: unknown) => void,
): void {
  const fewAtOnce = createFewAtOnce(mostAtOnce, retryAfter);
  mountRaw("exportEntries", ({ format, ...filter }, { response, session }) =>
    fewAtOnce(session.actor.participant, async () => {
      const { mediaType, extension } = formats[format];
      const { reading, count, parts } = await takeOut(filter, format, session);
      response.set("content-type", mediaType);
      response.set("content-disposition", `attachment; filename="entries-${reading}.${extension}"`);
      response.set("x-entries", String(count));
      response.set("x-reading", String(reading));
      const body = Readable.from(writeExport(format, parts, place()), { objectMode: false, highWaterMark: 65_536 });
      await pipeline(body, response, { signal: AbortSignal.timeout(longestMs) }).catch((error: unknown) => {
        // a reader who goes away early is no failure of the gateway
        if (!response.closed || (error as { code?: unknown }).code !== "ERR_STREAM_PREMATURE_CLOSE") report(error);
      });
    }),
  );
}
