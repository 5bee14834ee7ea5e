import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getBytes } from "ethers";
import type pg from "pg";
import type { Logger } from "pino";
import { createChainClock } from "../chain/chainClock.ts";
import { createReceiptCheck } from "../chain/receiptCheck.ts";
import { checkSpace, openSpace, readManifest, type Space } from "../chain/space.ts";
import { describeError } from "../domain/describeError.ts";
import type { Address, ParticipantId } from "../domain/ids.ts";
import { speedUpEthers } from "../domain/keccak.ts";
import { createReceiptHasher } from "../domain/typedData.ts";
import type { ExportPlace } from "../export/auditEvent.ts";
import { createApp } from "../http/app.ts";
import { readConsole } from "../http/console.ts";
import type { Demo } from "../http/demo.ts";
import { createProofHandlers } from "../http/proofHandlers.ts";
import { createReadHandlers } from "../http/readHandlers.ts";
import { openKeystore } from "../keystore.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { type Follower, startFollower } from "../readmodel/follow.ts";
import { createReadModelStore } from "../readmodel/store.ts";
import { createChainMemoryStore } from "../store/chainMemoryStore.ts";
import { createEntryReader } from "../store/entryReader.ts";
import { createSettingsStore } from "../store/settingsStore.ts";
import { createRecordAct } from "../trail/recordAct.ts";
import type { Here } from "../trail/scope.ts";
import { createFindPlace } from "../usage/findPlace.ts";
import { createQuota } from "../usage/quota.ts";
import { createBatchSigner, createReceiptWriter } from "../usage/receipts.ts";
import { createFindRecorded } from "../usage/recorded.ts";
import { createReissue } from "../usage/reissue.ts";
import { createReplayGuard } from "../usage/replay.ts";
import { type Config, readSecret } from "./config.ts";
import { guardAppend } from "./guardAppend.ts";
import { identify } from "./identify.ts";
import { anchorLog, openLog } from "./keepLog.ts";
import { keepSessions } from "./keepSessions.ts";
import { listenAll } from "./listenAll.ts";
import { noteKey } from "./noteKey.ts";
import { openStores } from "./openStores.ts";
import { openTiledLog } from "./openTiledLog.ts";
import { openTrail } from "./openTrail.ts";
import { refusePublicKey } from "./publicKeys.ts";
import { createSeal, recordSettingsFirst, tellSettings } from "./settings.ts";
import { createUseLine } from "./useLine.ts";
import { watchChain } from "./watchChain.ts";

/** A running gateway. */
export type Gateway = {
  readonly url: string;
  /** Where `/metrics` is served; undefined unless a port was set for it. */
  readonly metricsUrl: string | undefined;
  readonly id: ParticipantId;
  /** Stops accepting, settles what runs, closes everything. Asked again, it waits for the same. */
  readonly stop: () => Promise<void>;
};

/**
 * Checks the chain and the stores, opens the journal and serves. Throws, saying what to do, if anything is not as it should be.
 * @param demo The identities of a demo on this machine, for its console.
 */
export async function startGateway(config: Config, logger: Logger, demo?: Demo): Promise<Gateway> {
  speedUpEthers();
  const manifest = readManifest(config.DATAPACT_MANIFEST);
  const opened = openSpace(config.DATAPACT_CHAIN_URL, manifest, config.DATAPACT_CHAIN_SECOND_URL);
  const clock = createChainClock(opened.readHead);
  const space: Space = { ...opened, readHead: clock.readHead };
  await checkSpace(space);
  const wallet = await openKeystore(config.DATAPACT_GATEWAY_KEYSTORE, readSecret(config.DATAPACT_PASSPHRASE_FILE));
  refusePublicKey(wallet.address);
  const here = await identify(space, wallet);
  const { gateway } = here;
  const accessLog = space.domainOf("AccessLog");
  const now = (): number => Math.floor(Date.now() / 1_000);

  const quota = createQuota();
  const replayGuard = createReplayGuard(now);
  const sign = createBatchSigner(
    gateway,
    getBytes(wallet.privateKey),
    createReceiptHasher(accessLog),
    config.DATAPACT_PROMISE_SECONDS,
    // by the chain's clock a key acts from its block on: a promise from before binds nobody
    () => Math.max(now(), clock.time()),
  );
  const journal = await openLog(config, space, gateway, quota, replayGuard, now, sign);
  const { pool, ...stores } = openStores(config);
  const key = wallet.address.toLowerCase() as Address;
  const chain = await watchChain(config, space, createChainMemoryStore(pool), key, logger);
  const ownNoteKey = noteKey(getBytes(wallet.privateKey));
  const { anchor, publishedKey, scrub } = anchorLog({
    config,
    space,
    gateway,
    wallet,
    noteKey: ownNoteKey,
    journal,
    logger,
    pool,
    now,
  });
  const follower = startGatewayFollower(space, pool, logger);
  let stopTrail = (): Promise<void> => Promise.resolve();
  const anchored = (): number => anchor.anchored()?.size ?? 0;
  const close = async (): Promise<void> => {
    await journal.close();
    await Promise.all([anchor.stop(), scrub.stop(), follower.stop(), stopTrail()]);
    await chain.stop();
    await stores.close();
    space.close();
  };
  const closeAndThrow = async (error: unknown): Promise<never> => {
    await close();
    throw error;
  };
  await anchor.looked;
  if (anchor.divergence() !== undefined) await closeAndThrow(new Error(anchor.divergence()));
  await scrub.checkAll().catch(closeAndThrow);

  await publishedKey.look();
  const writeReceipt = createReceiptWriter(gateway);
  const metrics = createMetrics({
    headAge: () => Math.max(0, now() - (follower.position()?.time ?? 0)),
    followerLag: follower.lag,
    appended: journal.tree.size,
    anchored,
    oldestWait: anchor.oldestWait,
  });
  const version = packageVersion();
  const guarded = guardAppend(metrics.timed("append", journal.append), anchor, config.DATAPACT_PROMISE_SECONDS);
  const recordOwnAct = createRecordAct(gateway, guarded, writeReceipt, () => new Date());
  const append = recordSettingsFirst({
    append: guarded,
    isEmpty: () => journal.tree.size() === 0,
    settings: tellSettings(config, version),
    seal: createSeal(getBytes(wallet.privateKey)),
    store: createSettingsStore(pool),
    record: async (about) => {
      const { number, hash } = await space.readHead();
      const self = { participant: gateway, key, block: { number, hash } };
      await recordOwnAct(self, { act: "Configured", about, entries: 0 });
    },
    warn: (changed) => logger.warn({ changed }, "the settings are others than those of the last entry"),
  });
  const use = createUseLine({
    config,
    metrics,
    space,
    readView: chain.readView,
    gateway,
    append,
    anchor,
    quota,
    replayGuard,
    writeReceipt,
    hospitalDatabase: stores.hospital,
    logger,
    now,
  });
  const entries = createEntryReader(pool);
  let place: string | undefined;
  const session = keepSessions({ config, space, pool, readView: chain.readView, now }, () => place ?? "");
  const isSigned = createReceiptCheck(space, key);
  const reissue = createReissue({ promiseOf: entries.promiseOf, journal, writeReceipt, isSigned, sign });
  const trail = openTrail({
    pool,
    readers: stores.readers,
    journal,
    append,
    anchored,
    isReady: follower.caughtUp,
    writeReceipt,
    reissue,
    here,
    log: accessLog,
    logger,
    now,
  });
  stopTrail = trail.stop;
  const findPlace = createFindPlace(entries, journal, anchored);
  const findRecorded = createFindRecorded(entries, journal, reissue);
  const app = createApp({
    version,
    use,
    session,
    exports: {
      takeOut: trail.takeOut,
      place: () => exportPlace(space, here, session.origin()),
    },
    handlers: {
      gateway: () => ({ ...here, manifest: space.manifest }),
      log: () => ({
        appended: journal.tree.size(),
        anchored: anchor.anchored() ?? null,
        oldestWait: Math.floor(anchor.oldestWait()),
        promiseSeconds: config.DATAPACT_PROMISE_SECONDS,
      }),
      ...createProofHandlers(journal.tree, anchored),
      place: ({ digest }) => findPlace(digest),
      recorded: ({ digest }) => findRecorded(digest),
      ...createReadHandlers(stores.strangers, follower.caughtUp, now),
      ...trail.handlers,
    },
    tiledLog: openTiledLog({ accessLog, gateway, journal, anchor, noteKey: ownNoteKey, publishedKey }),
    ready: async () => {
      await Promise.all([chain.readView(), journal.probe(), stores.hospital.probe()]);
      const divergence = anchor.divergence();
      if (divergence !== undefined) throw new Error(divergence);
    },
    report: (error) => logger.error({ error: describeError(error) }, "a request could not be served"),
    requestsPerMinute: config.DATAPACT_PEER_REQUESTS_PER_MINUTE,
    trustedProxies: config.DATAPACT_TRUSTED_PROXIES,
    console: readConsole(fileURLToPath(new URL("../../console/dist", import.meta.url))),
    demo,
  });

  const listening = await listenAll(config, app, metrics).catch(closeAndThrow);
  const { url, metricsUrl } = listening;
  place = url;
  logger.info({ url, gateway, entries: journal.tree.size() }, "the gateway serves");
  const stop = async (): Promise<void> => {
    await listening.close();
    await close();
    logger.info("the gateway has stopped");
  };
  let stopping: Promise<void> | undefined;
  return Object.freeze<Gateway>({
    url,
    metricsUrl,
    id: gateway,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  });
}

function startGatewayFollower(space: Space, pool: pg.Pool, logger: Logger): Follower {
  return startFollower({
    send: space.send,
    manifest: space.manifest,
    readHead: space.readHead,
    readLog: space.reader.log,
    store: createReadModelStore(pool),
    warn: (message, error) => logger.warn({ error: error === undefined ? undefined : describeError(error) }, message),
  });
}

function exportPlace({ manifest }: Space, here: Here, origin: string): ExportPlace {
  const { chainId, contracts } = manifest;
  return {
    chainId,
    participantRegistry: contracts.ParticipantRegistry.address,
    agreementRegistry: contracts.AgreementRegistry.address,
    accessLog: contracts.AccessLog.address,
    ...here,
    origin,
  };
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
