import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRpcProvider, keccak256, type TransactionReceipt, type Wallet } from "ethers";
import type { Address, Hash, Hex } from "../domain/ids.ts";
import type { Pending } from "../domain/pending.ts";
import { translateRevert } from "./revert.ts";
import { broadcast, estimateGas, type Fees, networkFees, signCall, TransactionReverted } from "./transact.ts";

/** Sends the calls of one account, one after the other, until each is mined. */
export type Outbox = {
  /**
   * Resolves once the call is mined. Throws what the contract answers if it refuses, and the network's error if the call cannot be sent now;
   * asked again with the same call, it resumes. A call that waits too long is offered at a higher price, never twice.
   */
  readonly send: (to: Address, data: Hex, signal: AbortSignal) => Promise<void>;
};

export type OutboxOptions = {
  /** Connected to the node; nobody else may send with its key. */
  readonly wallet: Wallet;
  /** Keeps the one transaction on its way. It is written before the transaction leaves. */
  readonly store: {
    readonly read: () => Promise<Pending | undefined>;
    readonly write: (pending: Pending) => Promise<void>;
    readonly clear: () => Promise<void>;
  };
  /** How long a transaction may wait at its price, in milliseconds. */
  readonly patienceMs: number;
  /** Most that is offered, in wei per gas. */
  readonly mostFee: bigint;
  readonly warn: (message: string) => void;
};

/** A replacement must offer at least a tenth more (the rule of transaction pools). */
const raise = (price: bigint): bigint => (price * 1125n + 999n) / 1000n;
const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);

const longestPauseMs = 1_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { wallet, store, mostFee, warn } = options;
  const provider = wallet.provider as JsonRpcProvider;

  const receiptOf = async ({ hashes }: Pending): Promise<TransactionReceipt | undefined> => {
    for (const hash of hashes) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
    }
    return undefined;
  };

  const prepare = async (
    to: Address,
    data: Hex,
    nonce: number,
    fees: Fees,
    sent: readonly Hash[],
  ): Promise<Pending> => {
    const gas = await estimateGas(wallet, to, data).catch((error: unknown) => {
      throw translateRevert(error);
    });
    const { raw, hash } = await signCall(wallet, { to, data, nonce, gas, fees });
    const { fee, tip } = fees;
    const pending: Pending = { nonce, content: contentOf(to, data), fee, tip, raw, hashes: [hash, ...sent] };
    await store.write(pending);
    return pending;
  };

  /** Offers the call at what the network asks for, and in place of `before` at a tenth more than that one; at the limit, `before` stays. */
  const offer = async (to: Address, data: Hex, nonce: number, before: Pending | undefined): Promise<Pending> => {
    const asked = await networkFees(provider);
    if (before === undefined) {
      const fee = smaller(asked.fee, mostFee);
      return prepare(to, data, nonce, { ...asked, fee, tip: smaller(asked.tip, fee) }, []);
    }
    const fee = smaller(larger(asked.fee, raise(before.fee)), mostFee);
    if (fee < raise(before.fee)) {
      warn("a transaction waits at the highest price that DATAPACT_MOST_FEE_GWEI permits; it is sent again as it is");
      return before;
    }
    const tip = smaller(larger(asked.tip, raise(before.tip)), fee);
    const sent = before.content === contentOf(to, data) ? before.hashes : [];
    return prepare(to, data, nonce, { ...asked, fee, tip }, sent);
  };

  /** Waits for the receipt of what was sent. Undefined if it takes longer than its price deserves, or the nonce went to another. */
  const wait = async (pending: Pending, signal: AbortSignal): Promise<TransactionReceipt | undefined> => {
    const deadline = Date.now() + options.patienceMs;
    for (let pause = 5; Date.now() < deadline; pause = Math.min(pause * 2, longestPauseMs)) {
      const receipt = await receiptOf(pending);
      if (receipt !== undefined) return receipt;
      if (pause >= 100 && (await nextNonce()) > pending.nonce) return receiptOf(pending);
      await sleep(Math.min(pause, Math.max(1, deadline - Date.now())), undefined, { signal });
    }
    return undefined;
  };
  const nextNonce = (): Promise<number> => provider.getTransactionCount(wallet.address, "latest");

  const settle = async (receipt: TransactionReceipt): Promise<void> => {
    await store.clear();
    if (receipt.status !== 1) throw new TransactionReverted(receipt.hash);
  };

  return Object.freeze<Outbox>({
    send: async (to, data, signal) => {
      const content = contentOf(to, data);
      for (;;) {
        signal.throwIfAborted();
        const nonce = await nextNonce();
        const kept = await store.read();
        if (kept !== undefined && kept.nonce < nonce) {
          const receipt = await receiptOf(kept);
          if (receipt !== undefined && kept.content === content) return settle(receipt);
          await store.clear();
        }
        const before = kept?.nonce === nonce ? kept : undefined;
        const pending = before?.content === content ? before : await offer(to, data, nonce, before);
        await broadcast(provider, pending.raw);
        const receipt = await wait(pending, signal);
        if (receipt !== undefined && pending.content === content) return settle(receipt);
        if (receipt === undefined && (await nextNonce()) === nonce) await offer(to, data, nonce, pending);
      }
    },
  });
}

function contentOf(to: Address, data: Hex): Hash {
  return keccak256(`${to}${data.slice(2)}`) as Hash;
}
