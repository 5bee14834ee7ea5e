import type pg from "pg";
import type { Logger } from "pino";
import { describeError } from "../domain/describeError.ts";
import { createFindingHasher, type SigningDomain } from "../domain/typedData.ts";
import { createTrailHandlers, type TrailHandlers } from "../http/trailHandlers.ts";
import type { Journal } from "../journal/journal.ts";
import { createFindings } from "../trail/findings.ts";
import { createKeepFinding } from "../trail/keepFinding.ts";
import { keepIndex } from "../trail/keepIndex.ts";
import { createRecordAct, type RecordAct } from "../trail/recordAct.ts";
import type { Here } from "../trail/scope.ts";
import { createSearch } from "../trail/search.ts";
import { createTakeOut, type TakeOut } from "../trail/takeOut.ts";
import type { WriteReceipt } from "../usage/receipts.ts";
import type { Reissue } from "../usage/reissue.ts";

type Parts = {
  /** For the index; `readers` for whoever asks. */
  readonly pool: pg.Pool;
  readonly readers: pg.Pool;
  readonly journal: Journal;
  readonly append: Journal["append"];
  readonly anchored: () => number;
  /** Whether the read model has caught up with the chain. */
  readonly isReady: () => boolean;
  readonly writeReceipt: WriteReceipt;
  readonly reissue: Reissue;
  readonly here: Here;
  /** The domain under which findings are signed. */
  readonly log: SigningDomain;
  readonly logger: Logger;
  readonly now: () => number;
};

/** The trail as those may read it whom it concerns. */
export type Trail = { readonly handlers: TrailHandlers; readonly takeOut: TakeOut; readonly stop: () => Promise<void> };

export function openTrail({ pool, readers, journal, append, here, logger, ...parts }: Parts): Trail {
  const hash = createFindingHasher(parts.log);
  const index = keepIndex(pool, journal.tree.size, parts.isReady, createKeepFinding(hash), (message, error) => {
    logger.warn({ error: describeError(error) }, message);
  });
  const record = createRecordAct(here.gateway, append, parts.writeReceipt, () => new Date());
  const recordAct: RecordAct = async (actor, act) => {
    const recorded = await record(actor, act);
    const { entry, receipt } = recorded;
    logger.info(
      { act: entry.act, actor: entry.actor, entries: entry.entries, index: receipt.index },
      "the trail was used",
    );
    return recorded;
  };
  const findings = createFindings({ pool: readers, index, hash, recordAct, journal, here, now: parts.now });
  const search = createSearch({ ...parts, pool: readers, index, journal, recordAct, here });
  return Object.freeze<Trail>({
    handlers: createTrailHandlers({ pool: readers, index, search, findings, here, now: parts.now }),
    takeOut: createTakeOut({ pool: readers, index, journal, anchored: parts.anchored, recordAct, here }),
    stop: index.stop,
  });
}
