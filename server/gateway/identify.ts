import type { Wallet } from "ethers";
import type { Space } from "../chain/space.ts";
import type { Address } from "../domain/ids.ts";
import type { Here } from "../trail/scope.ts";

/** The gateway that the key acts for, and its hospital. Throws, saying what to do, if there is none. */
export async function identify(space: Space, wallet: Wallet): Promise<Here> {
  const key = wallet.address.toLowerCase() as Address;
  const found = await space.reader.gatewayOf(key, (await space.readHead()).hash);
  if (found !== undefined) return found;
  throw new Error(
    `the key ${key} acts for no gateway on this chain. Let the regulator admit it: datapact participant admit --role gateway`,
  );
}
