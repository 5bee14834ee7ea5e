import {
  type JsonRpcProvider,
  type Provider,
  Transaction,
  type TransactionReceipt,
  toQuantity,
  type Wallet,
} from "ethers";
import type { Hash, Hex } from "../domain/ids.ts";
import { translateRevert } from "./revert.ts";

/** No transaction may use more gas than this (EIP-7825). */
const maxGas = 2n ** 24n;

/** Thrown when another transaction of the same account took the nonce. */
class NonceTaken extends Error {
  override readonly name = "NonceTaken";
}

/** Thrown when a transaction was mined and did nothing, since what it relied on has changed. */
export class TransactionReverted extends Error {
  override readonly name = "TransactionReverted";
  constructor(hash: string) {
    super(`transaction ${hash} was mined and reverted: what it relied on has changed. Try again.`);
  }
}

/** What a transaction pays, in wei per gas: at most `fee`, of which `tip` goes to the validator. Old networks know one price only. */
export type Fees = { readonly fee: bigint; readonly tip: bigint; readonly isLegacy: boolean };

/** A signed transaction. */
export type Signed = { readonly raw: Hex; readonly hash: Hash };

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
      const [gas, fees, nonce] = await Promise.all([
        estimateNow(wallet, to, data, value),
        networkFees(provider),
        provider.getTransactionCount(wallet.address, "latest"),
      ]);
      return await sendRaw(provider, (await signCall(wallet, { to, data, value, nonce, gas, fees })).raw);
    } catch (error) {
      if (!(error instanceof NonceTaken) || tries === mostTries) throw translateRevert(error);
    }
  }
}

/** The same for a call that may wait for a time: a chain that mines on demand has a newest block of long ago, but a pending one of now. */
export async function estimateNow(
  wallet: Pick<Wallet, "address" | "provider">,
  to: string | null,
  data: string,
  value = 0n,
): Promise<bigint> {
  return estimateGas(wallet, to, data, value).catch((error: unknown) =>
    estimateGas(wallet, to, data, value, "pending").catch(() => {
      throw error;
    }),
  );
}

/** Gas that a call may use, with a fifth to spare. Rejects if it would revert. At "pending", what it replaces has happened already. */
export async function estimateGas(
  wallet: Pick<Wallet, "address" | "provider">,
  to: string | null,
  data: string,
  value = 0n,
  at: "latest" | "pending" = "latest",
): Promise<bigint> {
  const request = { from: wallet.address, ...(to === null ? {} : { to }), data, value: toQuantity(value) };
  const estimate = BigInt(await (wallet.provider as JsonRpcProvider).send("eth_estimateGas", [request, at]));
  const enough = (estimate * 12n) / 10n;
  return enough > maxGas ? maxGas : enough;
}

/** What the network asks for now: room for the base fee to double, and nothing where it is zero. */
export async function networkFees(provider: JsonRpcProvider): Promise<Fees> {
  const base = (await provider.getBlock("latest"))?.baseFeePerGas;
  if (base === null || base === undefined) {
    const price = BigInt(await provider.send("eth_gasPrice", []));
    return { fee: price, tip: price, isLegacy: true };
  }
  if (base === 0n) return { fee: 0n, tip: 0n, isLegacy: false };
  const tip = BigInt(await provider.send("eth_maxPriorityFeePerGas", []));
  return { fee: base * 2n + tip, tip, isLegacy: false };
}

export type Call = {
  readonly to: string | null;
  readonly data: string;
  readonly value?: bigint;
  readonly nonce: number;
  readonly gas: bigint;
  readonly fees: Fees;
};

export async function signCall(wallet: Wallet, { to, data, value = 0n, nonce, gas, fees }: Call): Promise<Signed> {
  const { chainId } = await (wallet.provider as Provider).getNetwork();
  const price = fees.isLegacy
    ? { type: 0, gasPrice: fees.fee }
    : { type: 2, maxFeePerGas: fees.fee, maxPriorityFeePerGas: fees.tip };
  const raw = (await wallet.signTransaction({ to, data, value, nonce, gasLimit: gas, chainId, ...price })) as Hex;
  return { raw, hash: Transaction.from(raw).hash as Hash };
}

/**
 * Gives a signed transaction to the node. Resolves true if the node has it or had it already, false if its nonce is spent or the pool
 * holds another one for it. Rejects if the node takes it for another reason.
 */
export async function broadcast(provider: JsonRpcProvider, raw: string): Promise<boolean> {
  try {
    await provider.send("eth_sendRawTransaction", [raw]);
    return true;
  } catch (error) {
    if (/already known|already imported|known transaction/i.test(String(error))) return true;
    if (/nonce too low|replacement|underpriced/i.test(String(error))) return false;
    throw error;
  }
}

/** Sends a signed transaction and waits for it; one that the node knows already is only waited for. */
export async function sendRaw(provider: JsonRpcProvider, raw: string, timeoutMs = 60_000): Promise<TransactionReceipt> {
  const hash = Transaction.from(raw).hash as string;
  const isTaken = await broadcast(provider, raw).catch(async (error: unknown) => {
    if ((await provider.getTransactionReceipt(hash)) === null) throw error;
    return true;
  });
  if (!isTaken && (await provider.getTransactionReceipt(hash)) === null)
    throw new NonceTaken(`another transaction has the nonce of ${hash}`);
  const deadline = Date.now() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 1_000)) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt?.status === 1) return receipt;
    if (receipt?.status === 0) throw new TransactionReverted(hash);
    if (Date.now() > deadline) throw new Error(`transaction ${hash} was not mined within ${timeoutMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
