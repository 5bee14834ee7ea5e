import { formatEther, type JsonRpcProvider, parseEther, type Wallet } from "ethers";
import { transact } from "../../server/chain/transact.ts";

const stipend = parseEther("1");

/**
 * Where gas has a price, gives each key that has nothing one unit of the chain's coin from the deployer's account. Throws, naming the
 * account, if the deployer has too little.
 */
export async function fundKeys(provider: JsonRpcProvider, deployer: Wallet, keys: readonly Wallet[]): Promise<void> {
  const block = await provider.getBlock("latest");
  if (block?.baseFeePerGas === 0n) return;
  const balances = await Promise.all(keys.map(({ address }) => provider.getBalance(address)));
  const poor = keys.filter((_, at) => balances[at] === 0n);
  const needed = stipend * BigInt(poor.length + 1);
  const balance = await provider.getBalance(deployer.address);
  if (poor.length > 0 && balance < needed) {
    throw new Error(
      `gas has a price on this chain: send ${formatEther(needed)} of its coin to the deployer ${deployer.address.toLowerCase()}, ` +
        "or bring an account that has them as the key `deployer` (datapact key import deployer FILE), then start again.",
    );
  }
  for (const { address } of poor) await transact(deployer.connect(provider), address, "0x", stipend);
}
