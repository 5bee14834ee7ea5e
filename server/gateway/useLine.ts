import type { Logger } from "pino";
import type { Anchor } from "../anchor/anchor.ts";
import type { Space } from "../chain/space.ts";
import type { ReadView } from "../chain/view.ts";
import { describeError } from "../domain/describeError.ts";
import type { ParticipantId } from "../domain/ids.ts";
import { createRequestHasher } from "../domain/typedData.ts";
import type { Journal } from "../journal/journal.ts";
import { createAgreementFinder } from "../license/agreements.ts";
import { createDecide } from "../license/decide.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { HospitalDatabase } from "../store/hospital.ts";
import { createHeld } from "../usage/held.ts";
import { createPace } from "../usage/pace.ts";
import { createPrepare } from "../usage/prepare.ts";
import type { Quota } from "../usage/quota.ts";
import type { WriteReceipt } from "../usage/receipts.ts";
import { createRecord } from "../usage/record.ts";
import type { ReplayGuard } from "../usage/replay.ts";
import { createTurns } from "../usage/turns.ts";
import { createUse, type Use } from "../usage/use.ts";
import { type Config, readSecret } from "./config.ts";

/** Results that wait for the chain are kept up to this size together. */
const mostHeldBytes = 256 * 2 ** 20;
/** Queries of one consumer that may wait for a connection. */
const mostWaiting = 100;

type UseParts = {
  readonly metrics: Metrics;
  readonly config: Config;
  readonly space: Space;
  readonly readView: ReadView;
  readonly gateway: ParticipantId;
  readonly append: Journal["append"];
  readonly anchor: Anchor;
  readonly quota: Quota;
  readonly replayGuard: ReplayGuard;
  readonly writeReceipt: WriteReceipt;
  readonly hospitalDatabase: HospitalDatabase;
  readonly logger: Logger;
  readonly now: () => number;
};

/** The line that a request takes, from who signed it to the answer, wired as the settings say. */
export function createUseLine(parts: UseParts): Use {
  const { config, metrics, space, gateway, anchor, logger, now } = parts;
  const secret = Buffer.from(readSecret(config.DATAPACT_PSEUDONYM_SECRET_FILE), "hex");
  const use = createUse({
    ...parts,
    hashRequest: createRequestHasher(space.domainOf("UsagePolicy")),
    findAgreement: createAgreementFinder(space.reader),
    decide: metrics.timed("decide", createDecide(gateway, parts.readView, space.reader, now)),
    prepare: createPrepare(metrics.timed("run", parts.hospitalDatabase.run), {
      secret,
      rounding: config.DATAPACT_ROUNDING,
    }),
    pace: createPace(config.DATAPACT_REQUESTS_PER_SECOND, config.DATAPACT_STRANGERS_PER_SECOND),
    turns: createTurns(config.DATAPACT_CONNECTIONS, mostWaiting),
    held: createHeld(({ result }) => result.drop(), mostHeldBytes, config.DATAPACT_PROMISE_SECONDS, now),
    record: createRecord(gateway, parts.append, parts.writeReceipt, () => new Date()),
    longestWait: config.DATAPACT_PROMISE_SECONDS / 2,
    timeStepMs: config.DATAPACT_TIME_STEP_MS,
    anchoredTimeoutMs: config.DATAPACT_ANCHORED_WAIT_SECONDS * 1_000,
    report: (error, request) => logger.error({ request, error: describeError(error) }, "a request failed"),
    anchor,
  });
  return metrics.timed("use", async (signed) => {
    const answer = await use(signed);
    metrics.decided(answer.entry.outcome, answer.entry.reason);
    return answer;
  });
}
