import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseEther, toQuantity } from "ethers";
import { freePort } from "../../server/engines/child.ts";

/** Hardhat's own node, a chain with gas prices beside the embedded one. */
export type HardhatNode = { readonly url: string; readonly stop: () => Promise<void> };

const root = join(import.meta.dirname, "../..");

/** Starts a node of its own and gives these accounts a thousand ether each. */
export async function startHardhatNode(accounts: readonly string[]): Promise<HardhatNode> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
  const child = spawn(process.execPath, [cli, "node", "--hostname", "127.0.0.1", "--port", String(port)], {
    cwd: root,
    stdio: "ignore",
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const send = async (method: string, params: readonly unknown[]): Promise<void> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) throw new Error(`Hardhat's node answers ${answer.status}`);
  };
  for (let tries = 0; ; tries += 1) {
    try {
      await send("eth_chainId", []);
      break;
    } catch (error) {
      if (tries > 600 || child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  for (const account of accounts) await send("hardhat_setBalance", [account, toQuantity(parseEther("1000"))]);
  return {
    url,
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
