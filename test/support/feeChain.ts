import { type JsonRpcProvider, Wallet } from "ethers";
import { createProvider } from "../../server/chain/provider.ts";
import { findAnvil } from "../../server/engines/anvil.ts";
import { onFreePort, superviseEngine } from "../../server/engines/child.ts";

const chainId = 31_338;

/** A chain with gas prices that mines only when it is told to. */
export type FeeChain = {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** An account with 1,000 ether. */
  readonly wallet: Wallet;
  readonly mine: (blocks?: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export async function startFeeChain(): Promise<FeeChain> {
  const { url, provider, stop } = await onFreePort(startAnvil);
  const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
  await provider.send("anvil_setBalance", [wallet.address, "0x3635c9adc5dea00000"]);
  return {
    url,
    provider,
    wallet,
    mine: async (blocks = 1) => void (await provider.send("anvil_mine", [`0x${blocks.toString(16)}`])),
    stop: async () => {
      provider.destroy();
      await stop();
    },
  };
}

async function startAnvil(port: number) {
  const url = `http://127.0.0.1:${port}`;
  const provider = createProvider(url, chainId);
  const args = ["--port", String(port), "--chain-id", String(chainId), "--accounts", "1", "--no-mining", "--quiet"];
  const { stop } = await superviseEngine({
    name: "anvil",
    file: findAnvil(),
    args: [...args, "--base-fee", "1000000000"],
    options: {},
    stopSignal: "SIGKILL",
    ready: async () => void (await provider.send("eth_chainId", [])),
    warn: () => undefined,
  });
  return { url, provider, stop };
}
