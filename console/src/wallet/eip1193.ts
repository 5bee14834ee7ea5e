/** What a wallet gives to a page (EIP-1193). */
export type Provider = {
  readonly request: (asked: { readonly method: string; readonly params?: readonly unknown[] }) => Promise<unknown>;
  readonly on?: (event: string, listener: (...values: unknown[]) => void) => unknown;
  readonly removeListener?: (event: string, listener: (...values: unknown[]) => void) => unknown;
};

/** A wallet that can be chosen. `isDemo`: its keys lie on this machine and belong to nobody. */
export type Wallet = {
  readonly id: string;
  readonly name: string;
  readonly icon: string | undefined;
  readonly provider: Provider;
  readonly isDemo: boolean;
};

/** Whether the person said no in the wallet. */
export function isRejected(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 4001;
}
