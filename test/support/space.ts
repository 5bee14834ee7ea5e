import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import {
  concludeAgreement,
  demoTerms,
  founders,
  insurersPurpose,
  publishDataset,
  purpose,
} from "../../scripts/demo/story.ts";
import { createDemoWallets } from "../../scripts/space/demoWallets.ts";
import { type Engines, startEngines } from "../../scripts/space/engines.ts";
import { type FoundedSpace, foundSpace, gatewayConfig, openWallets } from "../../scripts/space/foundSpace.ts";
import { createClient } from "../../server/api/client.ts";
import type { UsageAnswer } from "../../server/api/usage.ts";
import type { PublishedDataset } from "../../server/client/datasets.ts";
import { signRequest } from "../../server/client/usage.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Terms } from "../../server/domain/terms.ts";
import type { SignedRequest, UsageRequest } from "../../server/domain/usageRequest.ts";
import { type Gateway, startGateway } from "../../server/gateway/startGateway.ts";
import type { Demo } from "../../server/http/demo.ts";
import { type Home, openHome } from "../../server/home.ts";
import { type HardhatNode, startHardhatNode } from "./hardhatNode.ts";
import { createDatabase } from "./postgres.ts";

export { insurersPurpose, purpose };

/** A space of its own for one test file: a real chain, real databases, the demo's participants and a small dataset of theirs. */
export type TestSpace = {
  readonly home: Home;
  readonly engines: Engines;
  readonly founded: FoundedSpace;
  readonly dataset: PublishedDataset;
  /** Starts a gateway over the space; `settings` and `engines` replace those of the tests. */
  readonly startGateway: (
    settings?: Readonly<Record<string, string>>,
    changed?: Partial<Engines>,
    /** Whether it keeps the demo's identities for its console. */
    hasDemo?: boolean,
  ) => Promise<Gateway>;
  /** The demo's identities, where a gateway keeps them. */
  readonly demo: Demo;
  readonly conclude: (change?: Partial<Terms>) => Promise<AgreementId>;
  readonly stop: () => Promise<void>;
};

export const newborns = 400;

/** Settings of a gateway that anchors once, at its start: what the chain shows afterwards a test alone brings about, and requests alone ask it. */
export const anchorsOnce = { DATAPACT_ANCHOR_INTERVAL_MS: "900000" };

/**
 * Settings of a gateway that does not go through its store again, where a test alters a row for a moment and what is asked must find
 * that. Entries are still compared before they are anchored.
 */
export const withoutRounds = { DATAPACT_SCRUB_PAUSE_MS: "3600000" };

export async function startTestSpace(): Promise<TestSpace> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "datapact-test-"));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o711);
  const keys = process.env.DATAPACT_TEST_KEYS;
  if (keys !== undefined) cpSync(keys, folder, { recursive: true });
  const home = openHome(folder);
  const [store, hospital] = [await createDatabase(), await createDatabase()];
  opened.defer(() => Promise.all([store.drop(), hospital.drop()]).then(() => undefined));
  const chain = await startNamedChain(home);
  opened.defer(async () => chain?.stop());
  const named = {
    DATAPACT_CHAIN_URL: chain?.url,
    DATAPACT_STORE_URL: store.url,
    DATAPACT_HOSPITAL_ADMIN_URL: hospital.url,
  };
  const engines = await startEngines(home, named, () => undefined);
  opened.defer(engines.stop);
  const quiet = (): void => undefined;
  const founded = await foundSpace(home, engines, founders, quiet);
  opened.defer(founded.space.close);
  const dataset = await publishDataset(home, engines.hospitalAdminUrl, founded, quiet, newborns);
  const demo = createDemoWallets(founded, founders);
  const gateways: Gateway[] = [];
  opened.defer(async () => {
    for (const gateway of gateways) await gateway.stop().catch(() => undefined);
  });
  // what comes up in part ends at once
  const whole = opened.move();
  return {
    home,
    engines,
    founded,
    dataset,
    startGateway: async (settings = {}, changed = {}, hasDemo = false) => {
      const config = gatewayConfig(home, { ...engines, ...changed }, "gateway", {
        DATAPACT_PORT: "0",
        DATAPACT_ANCHOR_INTERVAL_MS: "50",
        DATAPACT_HEAD_AGE_MS: "0",
        DATAPACT_PEER_REQUESTS_PER_MINUTE: "10000000",
        DATAPACT_REQUESTS_PER_SECOND: "1000000",
        DATAPACT_STRANGERS_PER_SECOND: "1000000",
        ...settings,
      });
      const gateway = await startGateway(
        config,
        pino({ level: process.env.DATAPACT_LOG_LEVEL ?? "silent" }, pino.destination(2)),
        hasDemo ? demo : undefined,
      );
      gateways.push(gateway);
      return gateway;
    },
    demo,
    conclude: (change = {}) => concludeAgreement(founded, demoTerms(founded, dataset, change)),
    stop: () => whole.disposeAsync(),
  };
}

/** The chain that `DATAPACT_TEST_CHAIN` names: `hardhat` for Hardhat's node. Undefined for the embedded one. */
async function startNamedChain(home: Home): Promise<HardhatNode | undefined> {
  const name = process.env.DATAPACT_TEST_CHAIN;
  if (name === undefined) return undefined;
  if (name !== "hardhat") throw new Error("DATAPACT_TEST_CHAIN is `hardhat`, or not set");
  home.make();
  const wallets = await openWallets(home, ["deployer"]);
  return startHardhatNode([...wallets.values()].map(({ address }) => address));
}

export type Asked = Partial<Pick<UsageRequest, "purpose" | "statement" | "gateway">> & { readonly key?: string };

export const countAll = "SELECT count(*) FROM newborns";

/** Signs as a consumer would. */
export function sign(
  { founded }: TestSpace,
  gateway: Gateway,
  agreement: AgreementId,
  asked: Asked = {},
): SignedRequest {
  const { key = "device-maker", ...request } = asked;
  return signRequest(founded.wallet(key), founded.space.domainOf("UsagePolicy"), {
    gateway: gateway.id,
    agreement,
    purpose,
    statement: countAll,
    ...request,
  });
}

/** Signs and asks. */
export function ask(
  space: TestSpace,
  gateway: Gateway,
  agreement: AgreementId,
  asked: Asked = {},
): Promise<UsageAnswer> {
  return createClient(gateway.url).use(sign(space, gateway, agreement, asked));
}

/** Why an answer is a refusal; undefined if it is none. */
export function reasonOf(answer: UsageAnswer): string | undefined {
  return "result" in answer ? undefined : answer.code;
}
