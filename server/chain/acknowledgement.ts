import { verifyMessage, type Wallet } from "ethers";
import type { Acknowledgement } from "../domain/chainMemory.ts";
import type { Address, Hex } from "../domain/ids.ts";

/** What the gateway's key signs (EIP-191): both blocks are named, so that the word serves once. */
function textOf(chainId: number, { before, next }: Omit<Acknowledgement, "signature">): string {
  return (
    `Datapact gateway: on chain ${chainId}, block ${before.number} is no longer ${before.hash}. ` +
    `I have looked into it and go on from block ${next.number}, ${next.hash}.`
  );
}

export async function signAcknowledgement(
  wallet: Wallet,
  chainId: number,
  blocks: Omit<Acknowledgement, "signature">,
): Promise<Acknowledgement> {
  return { ...blocks, signature: (await wallet.signMessage(textOf(chainId, blocks))) as Hex };
}

/** Whether the gateway's own key signed it. */
export function isAcknowledged(key: Address, chainId: number, acknowledgement: Acknowledgement): boolean {
  try {
    return verifyMessage(textOf(chainId, acknowledgement), acknowledgement.signature).toLowerCase() === key;
  } catch {
    return false;
  }
}
