import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { getBytes, type Wallet } from "ethers";
import type pg from "pg";
import type { Logger } from "pino";
import { createChainClock } from "./chain/chainClock.ts";
import { createReceiptCheck } from "./chain/receiptCheck.ts";
import { checkSpace, openSpace, readManifest, type Space } from "./chain/space.ts";
import { type Config, readSecret } from "./config.ts";
import { describeError } from "./describeError.ts";
import { originOf } from "./domain/checkpoint.ts";
import { fromHex, zeroHash } from "./domain/hash.ts";
import type { Address, ParticipantId } from "./domain/ids.ts";
import { createReceiptHasher } from "./domain/typedData.ts";
import type { ExportPlace } from "./export/auditEvent.ts";
import { guardAppend } from "./guardAppend.ts";
import { createApp } from "./http/app.ts";
import { readConsole } from "./http/console.ts";
import type { Demo } from "./http/demo.ts";
import { closeServer, listen, urlOf } from "./http/listen.ts";
import { createProofHandlers } from "./http/proofHandlers.ts";
import { createReadHandlers } from "./http/readHandlers.ts";
import { anchorLog, openLog } from "./keepLog.ts";
import { keepSessions } from "./keepSessions.ts";
import { openKeystore } from "./keystore.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { serveMetrics } from "./metrics/serveMetrics.ts";
import { createCheckpointSigner, noteKey } from "./noteKey.ts";
import { openTrail } from "./openTrail.ts";
import { writeCoseReceipt } from "./proof/coseReceipt.ts";
import { refusePublicKey } from "./publicKeys.ts";
import { type Follower, startFollower } from "./readmodel/follow.ts";
import { createReadModelStore } from "./readmodel/store.ts";
import { createChainMemoryStore } from "./store/chainMemoryStore.ts";
import { createPool } from "./store/database.ts";
import { createEntryReader } from "./store/entryReader.ts";
import { openHospital } from "./store/hospital.ts";
import type { Here } from "./trail/scope.ts";
import { createQuota } from "./usage/quota.ts";
import { createBatchSigner, createReceiptWriter } from "./usage/receipts.ts";
import { createFindPlace } from "./usage/findPlace.ts";
import { createFindRecorded } from "./usage/recorded.ts";
import { createReissue } from "./usage/reissue.ts";
import { createReplayGuard } from "./usage/replay.ts";
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
  const manifest = readManifest(config.DATAPACT_MANIFEST);
  const opened = openSpace(config.DATAPACT_CHAIN_URL, manifest, config.DATAPACT_CHAIN_SECOND_URL);
  const clock = createChainClock(opened.readHead);
  const space: Space = { ...opened, readHead: clock.readHead };
  await checkSpace(space);
  const wallet = await openKeystore(config.DATAPACT_GATEWAY_KEYSTORE, readSecret(config.DATAPACT_PASSPHRASE_FILE));
  refusePublicKey(wallet.address);
  const { gateway, hospital } = await identify(space, wallet);
  const now = (): number => Math.floor(Date.now() / 1_000);

  const quota = createQuota();
  const replayGuard = createReplayGuard(now);
  const sign = createBatchSigner(
    gateway,
    getBytes(wallet.privateKey),
    createReceiptHasher(space.domainOf("AccessLog")),
    config.DATAPACT_PROMISE_SECONDS,
    // by the chain's clock a key acts from its block on: a promise from before binds nobody
    () => Math.max(now(), clock.time()),
  );
  const journal = await openLog(config, space, gateway, quota, replayGuard, now, sign);
  const pool = createPool(config.DATAPACT_STORE_URL, "datapact gateway, beside the journal", 4);
  // readers of the API wait for each other and never keep the gateway from its own work, nor strangers those who are signed in
  const bounded = { session: "-c statement_timeout=5000" };
  const strangers = createPool(config.DATAPACT_STORE_URL, "datapact gateway, readers of the chain", 4, bounded);
  const readers = createPool(config.DATAPACT_STORE_URL, "datapact gateway, readers of the trail", 4, bounded);
  const hospitalDatabase = openHospital(config.DATAPACT_HOSPITAL_URL, config.DATAPACT_CONNECTIONS);
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
  const close = async (): Promise<void> => {
    await journal.close();
    await Promise.all([anchor.stop(), scrub.stop(), follower.stop(), stopTrail()]);
    await chain.stop();
    await Promise.all([pool.end(), strangers.end(), readers.end(), hospitalDatabase.close()]);
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
  const origin = originOf(space.domainOf("AccessLog"), gateway);
  const signCheckpoint = createCheckpointSigner(space.domainOf("AccessLog"), gateway, ownNoteKey);
  const signedHead = () => {
    const head = publishedKey.isPublished() ? anchor.anchored() : undefined;
    return head === undefined || head.size === 0 ? undefined : head;
  };
  const writeReceipt = createReceiptWriter(gateway);
  const metrics = createMetrics({
    headAge: () => Math.max(0, now() - (follower.position()?.time ?? 0)),
    followerLag: follower.lag,
    appended: journal.tree.size,
    anchored: () => anchor.anchored()?.size ?? 0,
    oldestWait: anchor.oldestWait,
  });
  const append = guardAppend(metrics.timed("append", journal.append), anchor, config.DATAPACT_PROMISE_SECONDS);
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
    hospitalDatabase,
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
    readers,
    journal,
    append,
    anchored: () => anchor.anchored()?.size ?? 0,
    isReady: follower.caughtUp,
    writeReceipt,
    reissue,
    here: { gateway, hospital },
    log: space.domainOf("AccessLog"),
    logger,
    now,
  });
  stopTrail = trail.stop;
  const findPlace = createFindPlace(entries, journal, () => anchor.anchored()?.size ?? 0);
  const findRecorded = createFindRecorded(entries, journal, reissue);
  const app = createApp({
    version: packageVersion(),
    use,
    session,
    exports: {
      takeOut: trail.takeOut,
      place: () => exportPlace(space, { gateway, hospital }, session.origin()),
    },
    handlers: {
      gateway: () => ({ gateway, hospital, manifest: space.manifest }),
      log: () => ({ appended: journal.tree.size(), anchored: anchor.anchored() ?? null }),
      ...createProofHandlers(journal.tree, () => anchor.anchored()?.size ?? 0),
      place: ({ digest }) => findPlace(digest),
      recorded: ({ digest }) => findRecorded(digest),
      ...createReadHandlers(strangers, follower.caughtUp, now),
      ...trail.handlers,
    },
    tiledLog: {
      tree: journal.tree,
      digests: journal.digests,
      anchored: () => anchor.anchored()?.size ?? 0,
      checkpoint: () => {
        const head = signedHead();
        return head && signCheckpoint(head.size, head.root);
      },
      coseReceipt: (index) => {
        const { size, root } = signedHead() ?? { size: 0, root: zeroHash };
        if (size < 2 || index >= size) return undefined;
        return writeCoseReceipt(
          origin,
          { size, root: fromHex(root) },
          index,
          journal.tree.path(index, size),
          ownNoteKey,
        );
      },
    },
    ready: async () => {
      await Promise.all([chain.readView(), journal.probe(), hospitalDatabase.probe()]);
      const divergence = anchor.divergence();
      if (divergence !== undefined) throw new Error(divergence);
    },
    report: (error) => logger.error({ error: describeError(error) }, "a request could not be served"),
    requestsPerMinute: config.DATAPACT_PEER_REQUESTS_PER_MINUTE,
    trustedProxies: config.DATAPACT_TRUSTED_PROXIES,
    console: readConsole(fileURLToPath(new URL("../console/dist", import.meta.url))),
    demo,
  });

  const isTrusted = (address: string): boolean => (app.get("trust proxy fn") as (peer: string) => boolean)(address);
  const server = await listen(
    app,
    { host: config.DATAPACT_HOST, port: config.DATAPACT_PORT, setting: "DATAPACT_PORT" },
    isTrusted,
  ).catch(closeAndThrow);
  const metricsServer = await listenForMetrics(config, metrics).catch(async (error: unknown) => {
    await closeServer(server);
    return closeAndThrow(error);
  });
  const url = urlOf(server, config.DATAPACT_HOST);
  place = url;
  const metricsUrl = metricsServer && `${urlOf(metricsServer, config.DATAPACT_METRICS_HOST)}/metrics`;
  logger.info({ url, gateway, entries: journal.tree.size() }, "the gateway serves");
  const stop = async (): Promise<void> => {
    await Promise.all([closeServer(server), metricsServer && closeServer(metricsServer)]);
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

async function identify(space: Space, wallet: Wallet): Promise<{ gateway: ParticipantId; hospital: ParticipantId }> {
  const key = wallet.address.toLowerCase() as Address;
  const found = await space.reader.gatewayOf(key, (await space.readHead()).hash);
  if (found !== undefined) return found;
  throw new Error(
    `the key ${key} acts for no gateway on this chain. Let the regulator admit it: datapact participant admit --role gateway`,
  );
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

async function listenForMetrics(config: Config, metrics: Metrics): Promise<Server | undefined> {
  const port = config.DATAPACT_METRICS_PORT;
  if (port === undefined) return undefined;
  return listen(serveMetrics(metrics), { host: config.DATAPACT_METRICS_HOST, port, setting: "DATAPACT_METRICS_PORT" });
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
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
