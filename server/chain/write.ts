import type { TransactionReceipt, Wallet } from "ethers";
import { interfaces } from "./interfaces.ts";
import type { Space } from "./space.ts";
import { transact } from "./transact.ts";

/** Sends one call of one of our contracts and waits until it is mined. Throws `ContractRefused` if the contract refuses it. */
export function write(
  space: Space,
  sender: Wallet,
  name: keyof typeof interfaces,
  method: string,
  args: readonly unknown[],
): Promise<TransactionReceipt> {
  const data = interfaces[name].encodeFunctionData(method, args);
  return transact(sender.connect(space.provider), space.manifest.contracts[name].address, data);
}
