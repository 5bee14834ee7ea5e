import { useMemo } from "react";
import { useSession } from "../session/SessionProvider.tsx";
import type { Ask } from "./chain.ts";

/** A way to the chain that is not the gateway's: the wallet that acts, or any other that is there. Undefined if there is none. */
export function useChain(): { readonly ask: Ask; readonly name: string } | undefined {
  const { connection, wallets } = useSession();
  const wallet = connection?.wallet ?? wallets[0];
  return useMemo(
    () => wallet && { name: wallet.name, ask: (method, params) => wallet.provider.request({ method, params }) },
    [wallet],
  );
}
