import { join } from "node:path";
import { parseEther, toQuantity } from "ethers";
import { onFreePort, superviseEngine } from "../../server/engines/child.ts";

/** Hardhat's own node, a chain with gas prices beside the embedded one. */
export type HardhatNode = { readonly url: string; readonly stop: () => Promise<void> };

const root = join(import.meta.dirname, "../..");

/** Starts a node of its own and gives these accounts a thousand ether each. */
export async function startHardhatNode(accounts: readonly string[]): Promise<HardhatNode> {
  const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
  const { url, stop } = await onFreePort(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const node = await superviseEngine({
      name: "Hardhat's node",
      file: process.execPath,
      args: [cli, "node", "--hostname", "127.0.0.1", "--port", String(port)],
      options: { cwd: root },
      stopSignal: "SIGKILL",
      ready: () => send(url, "eth_chainId", []),
      warn: () => undefined,
    });
    return { ...node, url };
  });
  for (const account of accounts) await send(url, "hardhat_setBalance", [account, toQuantity(parseEther("1000"))]);
  return { url, stop };
}

async function send(url: string, method: string, params: readonly unknown[]): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!answer.ok) throw new Error(`Hardhat's node answers ${answer.status}`);
}
