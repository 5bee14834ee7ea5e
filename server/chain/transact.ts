import {
  type JsonRpcProvider,
  Transaction,
  type TransactionReceipt,
  type TransactionRequest,
  type Wallet,
} from "ethers";
import { translateRevert } from "./revert.ts";

/** No transaction may use more gas than this (EIP-7825). */
const maxGas = 2n ** 24n;

/** Thrown when another transaction of the same account took the nonce. */
class NonceTaken extends Error {
  override readonly name = "NonceTaken";
}

const mostTries = 5;

/**
 * Sends one transaction and waits until it is mined. Throws what the contract answered, in its own words, if it is refused. Takes the next
 * nonce if the account sends elsewhere at the same time. Pays what the network asks: nothing where its base fee is zero.
 */
export async function transact(
  wallet: Wallet,
  to: string | null,
  data: string,
  value = 0n,
): Promise<TransactionReceipt> {
  const provider = wallet.provider as JsonRpcProvider;
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendRaw(provider, await prepare(wallet, provider, { from: wallet.address, to, data, value }));
    } catch (error) {
      if (!(error instanceof NonceTaken) || tries === mostTries) throw translateRevert(error);
    }
  }
}

async function prepare(wallet: Wallet, provider: JsonRpcProvider, request: TransactionRequest): Promise<string> {
  const [estimate, fees, nonce, network] = await Promise.all([
    provider.estimateGas(request),
    networkFees(provider),
    provider.getTransactionCount(wallet.address, "latest"),
    provider.getNetwork(),
  ]);
  const { from: _from, ...rest } = request;
  const gasLimit = (estimate * 12n) / 10n > maxGas ? maxGas : (estimate * 12n) / 10n;
  return wallet.signTransaction({ ...rest, gasLimit, nonce, chainId: network.chainId, ...fees });
}

/** Sends a signed transaction and waits for it; one that the node knows already is only waited for. */
export async function sendRaw(provider: JsonRpcProvider, raw: string, timeoutMs = 60_000): Promise<TransactionReceipt> {
  const hash = Transaction.from(raw).hash as string;
  try {
    await provider.send("eth_sendRawTransaction", [raw]);
  } catch (error) {
    const isKnown = /already known|already imported/i.test(String(error));
    if (!isKnown && (await provider.getTransactionReceipt(hash)) === null) {
      throw /nonce too low|replacement|underpriced/i.test(String(error))
        ? new NonceTaken(String(error), { cause: error })
        : error;
    }
  }
  const deadline = Date.now() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 1_000)) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt?.status === 1) return receipt;
    if (receipt?.status === 0)
      throw new Error(`transaction ${hash} was mined and reverted: what it relied on has changed. Try again.`);
    if (Date.now() > deadline) throw new Error(`transaction ${hash} was not mined within ${timeoutMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function networkFees(provider: JsonRpcProvider): Promise<TransactionRequest> {
  const block = await provider.getBlock("latest");
  const base = block?.baseFeePerGas;
  if (base === null || base === undefined)
    return { type: 0, gasPrice: BigInt(await provider.send("eth_gasPrice", [])) };
  if (base === 0n) return { type: 2, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const tip = BigInt(await provider.send("eth_maxPriorityFeePerGas", []));
  return { type: 2, maxFeePerGas: base * 2n + tip, maxPriorityFeePerGas: tip };
}
