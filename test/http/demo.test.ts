import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { startGatewayProcess } from "../support/gatewayProcess.ts";
import { startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway({}, {}, true);
});
afterAll(() => space?.stop());

const said = () => ({ "x-datapact-demo": space.demo.secret });

/** Status and body; `headers` may say anything of where the request comes from. */
function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const { port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { ...said(), ...headers } }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.once("error", reject);
    asked.end();
  });
}

async function ask(key: string, method: string, params: readonly unknown[] = [], headers = {}) {
  const response = await fetch(`${gateway.url}/demo/wallet`, {
    method: "POST",
    headers: { "content-type": "application/json", ...said(), ...headers },
    body: JSON.stringify({ key, method, params }),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

describe("the demo's wallets", () => {
  it("belong to hospital, consumers and regulator, not to the gateway", async () => {
    const { body } = await get("/demo/identities");
    const keys = (JSON.parse(body) as { key: string }[]).map(({ key }) => key);
    expect(keys.sort()).toEqual(["commission", "device-maker", "hospital", "insurer"]);
    expect((await ask("gateway", "eth_accounts")).answer).toMatchObject({ error: { code: 4200 } });
    expect((await ask("deployer", "eth_accounts")).answer).toMatchObject({ error: { code: 4200 } });
  });

  it("give their account, and ask the chain", async () => {
    const address = space.founded.wallet("hospital").address.toLowerCase();
    expect((await ask("hospital", "eth_accounts")).answer).toEqual({ result: [address] });
    expect((await ask("hospital", "eth_chainId")).answer).toEqual({ result: "0x7a69" });
  });

  it.each(["eth_sign", "evm_revert", "anvil_setBalance", "eth_sendRawTransaction", "debug_traceTransaction"])(
    "do not know %s",
    async (method) => {
      expect((await ask("hospital", method)).answer).toMatchObject({ error: { code: 4200 } });
    },
  );

  it.each([
    ["a door without the secret", { "x-datapact-demo": "" }],
    ["a door with another secret", { "x-datapact-demo": "0".repeat(32) }],
    ["another name of this machine", { host: "datapact.example" }],
    ["a name that only begins like it", { host: "127.0.0.1.example:80" }],
    ["a proxy", { "x-forwarded-for": "127.0.0.1" }],
    ["a proxy of the newer kind", { forwarded: "for=127.0.0.1" }],
  ])("are not there through %s", async (_name, headers) => {
    expect((await get("/demo/identities", headers)).status).toBe(404);
    expect((await ask("hospital", "eth_accounts", [], headers)).status).toBe("host" in headers ? 200 : 404);
  });

  it("do nothing for a page of another site", async () => {
    const { status } = await ask("hospital", "eth_accounts", [], { origin: "https://elsewhere.example" });
    expect(status).toBe(403);
    const text = await fetch(`${gateway.url}/demo/wallet`, { method: "POST", body: "{}", headers: said() });
    expect(text.status).toBe(415);
  });
});

describe("a gateway that is deployed", () => {
  it("has no demo's wallets, and its console knows of none", async () => {
    await gateway.stop();
    const { gateway: deployed } = await startGatewayProcess(space);
    try {
      expect((await fetch(`${deployed.url}/demo/identities`)).status).toBe(404);
      const wallet = await fetch(`${deployed.url}/demo/wallet`, {
        method: "POST",
        headers: { "content-type": "application/json", ...said() },
        body: JSON.stringify({ key: "hospital", method: "eth_accounts", params: [] }),
      });
      expect(wallet.status).toBe(404);
    } finally {
      await deployed.stop();
    }
  });
});
