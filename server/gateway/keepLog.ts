import type { Wallet } from "ethers";
import type pg from "pg";
import type { Logger } from "pino";
import { type Anchor, startAnchor } from "../anchor/anchor.ts";
import { encodeCall } from "../chain/encode.ts";
import { askHead } from "../chain/head.ts";
import { createOutbox } from "../chain/outbox.ts";
import type { Space } from "../chain/space.ts";
import { describeError } from "../domain/describeError.ts";
import type { Ed25519Key } from "../domain/ed25519.ts";
import { toHex } from "../domain/hash.ts";
import type { Address, AgreementId, ParticipantId, RequestDigest } from "../domain/ids.ts";
import { type Journal, openJournal, type SignBatch } from "../journal/journal.ts";
import { type Scrub, startScrub } from "../journal/scrub.ts";
import { createEntryAudit } from "../store/entryAudit.ts";
import { openJournalStore } from "../store/journalStore.ts";
import { createOutboxStore } from "../store/outboxStore.ts";
import type { Quota } from "../usage/quota.ts";
import { type ReplayGuard, replayWindow } from "../usage/replay.ts";
import type { Config } from "./config.ts";
import { createPublishedKey, type PublishedKey } from "./noteKey.ts";

/** Every entry that the journal holds counts for quotas and against replay, those included that turn up after a lost commit. */
export function openLog(
  config: Config,
  space: Space,
  gateway: ParticipantId,
  quota: Quota,
  guard: ReplayGuard,
  now: () => number,
  sign: SignBatch,
): Promise<Journal> {
  const { chainId, verifyingContract: accessLog } = space.domainOf("AccessLog");
  return openJournal(
    () => openJournalStore(config.DATAPACT_STORE_URL, { gateway, chainId, accessLog }),
    ({ request, lineage, appendedAt }, index) => {
      if (lineage !== null) quota.count(toHex<AgreementId>(lineage), index);
      if (request !== null && now() - appendedAt <= replayWindow) guard.take(toHex<RequestDigest>(request));
    },
    sign,
  );
}

type AnchorParts = {
  readonly config: Config;
  readonly space: Space;
  readonly gateway: ParticipantId;
  readonly wallet: Wallet;
  readonly noteKey: Ed25519Key;
  readonly journal: Journal;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly now: () => number;
};

/** The log's way onto the chain. */
export type AnchoredLog = { readonly anchor: Anchor; readonly publishedKey: PublishedKey; readonly scrub: Scrub };

/** Anchors what the journal holds, under the gateway's own key; before that it publishes the key that signs notes. */
export function anchorLog(parts: AnchorParts): AnchoredLog {
  const { config, space, gateway, wallet, noteKey, journal, pool, logger, now } = parts;
  const { address } = space.manifest.contracts.AccessLog;
  const outbox = createOutbox({
    wallet: wallet.connect(space.provider),
    store: createOutboxStore(pool),
    patienceMs: config.DATAPACT_FEE_PATIENCE_SECONDS * 1_000,
    mostFee: BigInt(config.DATAPACT_MOST_FEE_GWEI) * 10n ** 9n,
    warn: (text) => logger.warn(text),
  });
  const warn = (message: string, error?: unknown): void =>
    logger.warn({ error: error === undefined ? undefined : describeError(error) }, message);
  const publishedKey = createPublishedKey(
    noteKey,
    async () => space.reader.noteKey(gateway, (await space.readHead()).hash),
    (key, signal) => outbox.send(address, encodeCall("AccessLog", "publishNoteKey", [key]), signal),
    warn,
  );
  const scrub = startScrub({
    findDamaged: createEntryAudit(pool),
    journal,
    pauseMs: config.DATAPACT_SCRUB_PAUSE_MS,
    report: (error) =>
      logger.error({ index: error.index }, "an entry in the store is damaged: nothing is served any more"),
  });
  const anchor = startAnchor({
    journal,
    readHead: space.readHead,
    readLog: (block) => space.reader.log(gateway, block),
    isKeyValid: ({ hash, time }) =>
      space.reader.isKeyOf(wallet.address.toLowerCase() as Address, gateway, Math.max(time, now()), hash),
    append: async ({ start, digests, uses }, signal) => {
      await publishedKey.ensure(signal);
      await scrub.check(start, start + digests.length);
      const usages = [...uses].map(([agreement, count]) => ({ agreement, count }));
      const entries = digests.map((digest) => toHex(digest));
      await outbox.send(address, encodeCall("AccessLog", "append", [start, entries, usages]), signal);
      logger.info({ start, entries: digests.length }, "entries anchored");
    },
    intervalMs: config.DATAPACT_ANCHOR_INTERVAL_MS,
    depth: config.DATAPACT_FINALITY_DEPTH,
    headAt: async (number) => (await askHead(space.send, number)).hash,
    damage: scrub.damage,
    warn,
  });
  return { anchor, publishedKey, scrub };
}
