import type { Provider, Wallet } from "./eip1193.ts";

/** A wallet that lets this page ask it, and the account that acts in it. */
export type Connection = { readonly wallet: Wallet; readonly address: string };

/** Asks a wallet for its account. Rejects with what the wallet throws, or if it has none. */
export async function connect(wallet: Wallet): Promise<Connection> {
  return { wallet, address: firstOf(await wallet.provider.request({ method: "eth_requestAccounts" })) };
}

/** The wallet that acts with this account already, without asking anybody anything; undefined if there is none. */
export async function findConnected(wallets: readonly Wallet[], address: string): Promise<Connection | undefined> {
  for (const wallet of wallets) {
    try {
      const accounts = await wallet.provider.request({ method: "eth_accounts" });
      if (firstOf(accounts) === address) return { wallet, address };
    } catch {
      // a wallet that does not tell is not the one
    }
  }
  return undefined;
}

/** The chain on which a wallet acts now. */
export async function chainOf(provider: Provider): Promise<number> {
  return Number(await provider.request({ method: "eth_chainId" }));
}

function firstOf(accounts: unknown): string {
  const [first] = Array.isArray(accounts) ? accounts : [];
  if (typeof first !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(first)) throw new Error("the wallet gives no account");
  return first.toLowerCase();
}
