import { HDNodeWallet, Mnemonic } from "ethers";

/** The mnemonic of the development accounts of Hardhat, anvil and Ganache. */
const phrase = "test test test test test test test test test test test junk";
const accounts = 20;

/** Throws if the key of this address stands in the documentation of a development tool. */
export function refusePublicKey(address: string): void {
  const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(phrase), "m/44'/60'/0'/0");
  for (let at = 0; at < accounts; at += 1) {
    if (root.deriveChild(at).address.toLowerCase() !== address.toLowerCase()) continue;
    throw new Error(
      `everybody knows this key: ${address} is a development account. Make one with \`datapact key create\`.`,
    );
  }
}
