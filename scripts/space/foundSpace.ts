import { existsSync } from "node:fs";
import type { Wallet } from "ethers";
import { askChainId, createProvider } from "../../server/chain/provider.ts";
import { openSpace, type Space } from "../../server/chain/space.ts";
import { admit, listParticipants } from "../../server/client/participants.ts";
import { type Config, readConfig } from "../../server/gateway/config.ts";
import type { Address, ParticipantId } from "../../server/domain/ids.ts";
import type { Role } from "../../server/domain/roles.ts";
import { participantId } from "../../server/domain/typedData.ts";
import type { Home } from "../../server/home.ts";
import { createKeystore, openKeystore } from "../../server/keystore.ts";
import { deploy } from "../deploy/deploy.ts";
import { type Engines, ensureSecret } from "./engines.ts";
import { fundKeys } from "./fundKeys.ts";

/** Whom a space starts with. The name is also the name of the key. */
export type Founder = {
  readonly key: string;
  readonly name: string;
  readonly registrationNumber: string;
  readonly roles: readonly Role[];
  /** Key name of the hospital for which a gateway acts. */
  readonly hospital?: string;
};

/** A space that is deployed, with founders admitted and their keys open. */
export type FoundedSpace = {
  readonly space: Space;
  readonly wallet: (key: string) => Wallet;
  readonly id: (key: string) => ParticipantId;
};

const deployerKey = "deployer";

/**
 * Makes what is missing: keys, contracts, participants. The first founder must be the regulator. Whatever stands already is kept, so
 * that it may run at every start.
 */
export async function foundSpace(
  home: Home,
  engines: Engines,
  founders: readonly [Founder, ...Founder[]],
  say: (line: string) => void,
): Promise<FoundedSpace> {
  requireSecrets(home);
  ensureSecret(home.pseudonymSecret);
  const wallets = await openWallets(home, [deployerKey, ...founders.map(({ key }) => key)]);
  const wallet = (key: string): Wallet => {
    const found = wallets.get(key);
    if (found === undefined) throw new Error(`there is no key ${key}`);
    return found;
  };
  const [regulator] = founders;
  const chainId = await askChainId(engines.chainUrl);
  const provider = createProvider(engines.chainUrl, chainId);
  await fundKeys(
    provider,
    wallet(deployerKey),
    [...wallets.values()].filter(({ address }) => address !== wallet(deployerKey).address),
  );
  const manifest = await deploy({
    chainUrl: engines.chainUrl,
    deployer: wallet(deployerKey).connect(provider),
    authorities: [wallet(regulator.key).address.toLowerCase() as Address],
    delay: 0,
    approvals: 1,
    manifestFile: home.manifest,
    say,
  });
  provider.destroy();
  const space = openSpace(engines.chainUrl, manifest);
  await admitFounders(space, founders, wallet, wallet(regulator.key), say);
  const numbers = new Map(founders.map(({ key, registrationNumber }) => [key, registrationNumber]));
  return { space, wallet, id: (key) => participantId(numbers.get(key) ?? "") };
}

/** A secret is made once. One that is lost later would silently be another: other pseudonyms, keys that open nothing. */
function requireSecrets(home: Home): void {
  if (!existsSync(home.manifest)) return;
  for (const file of [home.passphrase, home.pseudonymSecret]) {
    if (!existsSync(file))
      throw new Error(`${file} is gone. Restore it from your backup: nothing else can stand in for it.`);
  }
}

/** Opens the keys of these names; makes those that are missing. */
export async function openWallets(home: Home, names: readonly string[]): Promise<ReadonlyMap<string, Wallet>> {
  const passphrase = ensureSecret(home.passphrase);
  const open = async (name: string): Promise<readonly [string, Wallet]> => {
    const file = home.keystore(name);
    return [name, existsSync(file) ? await openKeystore(file, passphrase) : await createKeystore(file, passphrase)];
  };
  return new Map(await Promise.all(names.map(open)));
}

async function admitFounders(
  space: Space,
  founders: readonly Founder[],
  wallet: (key: string) => Wallet,
  regulator: Wallet,
  say: (line: string) => void,
): Promise<void> {
  const admitted = new Set((await listParticipants(space)).map(({ registrationNumber }) => registrationNumber));
  for (const { key, name, registrationNumber, roles, hospital } of founders) {
    if (admitted.has(registrationNumber)) continue;
    const number = founders.find((founder) => founder.key === hospital)?.registrationNumber;
    await admit(space, regulator, {
      name,
      registrationNumber,
      roles,
      key: wallet(key).address.toLowerCase() as Address,
      hospital: number === undefined ? undefined : participantId(number),
    });
    say(`admitted ${name} as ${roles.join("+")}`);
  }
}

/** The settings of the gateway of such a space; the environment may set what is not given here. */
export function gatewayConfig(
  home: Home,
  engines: Engines,
  gatewayKey: string,
  environment: NodeJS.ProcessEnv,
): Config {
  return readConfig({
    ...(engines.chainSubscriptionUrl === undefined
      ? {}
      : { DATAPACT_CHAIN_SUBSCRIPTION_URL: engines.chainSubscriptionUrl }),
    ...environment,
    DATAPACT_CHAIN_URL: engines.chainUrl,
    DATAPACT_STORE_URL: engines.storeUrl,
    DATAPACT_HOSPITAL_URL: engines.hospitalUrl,
    DATAPACT_MANIFEST: home.manifest,
    DATAPACT_GATEWAY_KEYSTORE: home.keystore(gatewayKey),
    DATAPACT_PASSPHRASE_FILE: home.passphrase,
    DATAPACT_PSEUDONYM_SECRET_FILE: home.pseudonymSecret,
  });
}
