import { useMemo } from "react";
import { useSession } from "../session/SessionProvider.tsx";
import type { Ask } from "./chain.ts";

/** A way to the chain. `isDemo`: it leads through the gateway after all. */
export type Chain = { readonly ask: Ask; readonly name: string; readonly isDemo: boolean };

/** The wallet that acts as a way to the chain, or any other that is there, a demo identity last. Undefined if there is none. */
export function useChain(): Chain | undefined {
  const { connection, wallets } = useSession();
  const wallet = connection?.wallet ?? wallets.find(({ isDemo }) => !isDemo) ?? wallets[0];
  return useMemo(
    () =>
      wallet && {
        name: wallet.name,
        isDemo: wallet.isDemo,
        ask: (method, params) => wallet.provider.request({ method, params }),
      },
    [wallet],
  );
}
