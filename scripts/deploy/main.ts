import { askChainId, createProvider } from "../../server/chain/provider.ts";
import { readSecret } from "../../server/gateway/config.ts";
import type { Address } from "../../server/domain/ids.ts";
import { openHome } from "../../server/home.ts";
import { openKeystore } from "../../server/keystore.ts";
import { deploy } from "./deploy.ts";

/** Reads a setting; throws, saying what it is for, if it is missing. */
function setting(name: string, meaning: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`set ${name} to ${meaning}`);
  return value;
}

/** One alone could not be replaced if it were lost. */
function readAuthorities(): Address[] {
  const text = setting("DATAPACT_AUTHORITIES", "the addresses of at least two accounts that govern, kept apart");
  const addresses = text.toLowerCase().split(",");
  const isFine = addresses.every((address) => /^0x[0-9a-f]{40}$/.test(address)) && new Set(addresses).size > 1;
  if (!isFine) throw new Error("DATAPACT_AUTHORITIES must name at least two different addresses, with commas between");
  return addresses as Address[];
}

try {
  const home = openHome(process.env.DATAPACT_HOME);
  const chainUrl = setting("DATAPACT_CHAIN_URL", "the chain's JSON-RPC address");
  const passphrase = readSecret(process.env.DATAPACT_PASSPHRASE_FILE ?? home.passphrase);
  const keystore = process.env.DATAPACT_DEPLOYER_KEYSTORE ?? home.keystore("deployer");
  const deployer = (await openKeystore(keystore, passphrase)).connect(
    createProvider(chainUrl, await askChainId(chainUrl)),
  );
  const manifest = await deploy({
    chainUrl,
    deployer,
    authorities: readAuthorities(),
    delay: Number(process.env.DATAPACT_GOVERNANCE_DELAY ?? 3 * 86_400),
    approvals: Number(process.env.DATAPACT_APPROVALS ?? 1),
    manifestFile: home.manifest,
    say: (line) => console.log(line),
  });
  console.log(JSON.stringify(manifest, null, 2));
  process.exit(0);
} catch (error) {
  console.error(`datapact: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
