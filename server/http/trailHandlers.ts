import type pg from "pg";
import type { Here } from "../trail/scope.ts";
import type { Search } from "../trail/search.ts";
import { readEntryCounts } from "../trail/counts.ts";
import type { Findings } from "../trail/findings.ts";
import { readTimeline } from "../trail/timeline.ts";
import type { TrailIndex } from "../trail/keepIndex.ts";
import type { Handler } from "./mount.ts";

/** Routes of the trail. */
export type TrailHandlers = {
  readonly entries: Handler<"entries">;
  readonly entry: Handler<"entry">;
  readonly entryCounts: Handler<"entryCounts">;
  readonly timeline: Handler<"timeline">;
  readonly recordFinding: Handler<"recordFinding">;
  readonly findings: Handler<"findings">;
  readonly finding: Handler<"finding">;
};

export type TrailParts = {
  readonly pool: pg.Pool;
  readonly index: Pick<TrailIndex, "caughtUp">;
  readonly search: Search;
  readonly findings: Findings;
  readonly here: Here;
  /** Unix seconds. */
  readonly now: () => number;
};

export function createTrailHandlers({ pool, index, search, findings, here, now }: TrailParts): TrailHandlers {
  return {
    entries: (asked, session) => search.search(asked, session),
    entry: ({ index: asked }, session) => search.show(Number(asked), session),
    entryCounts: async (asked, { actor }) => {
      await index.caughtUp();
      return readEntryCounts(pool, asked, actor, here, now());
    },
    timeline: async ({ id }, { actor }) => {
      await index.caughtUp();
      return readTimeline(pool, id, actor);
    },
    recordFinding: (signed, { actor }) => findings.record(signed, actor),
    findings: (asked, { actor }) => findings.list(asked, actor),
    finding: ({ id }, { actor }) => findings.history(id, actor),
  };
}
