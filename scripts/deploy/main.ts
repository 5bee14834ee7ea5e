import { askChainId, createProvider } from "../../server/chain/provider.ts";
import { readSecret } from "../../server/config.ts";
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
    regulator: setting("DATAPACT_REGULATOR", "the address of the regulator's account").toLowerCase() as Address,
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
