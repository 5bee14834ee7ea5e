import { FetchRequest, JsonRpcProvider, type JsonRpcResult, Network } from "ethers";

/** Asks one JSON-RPC method. Rejects if the node does not answer in time or answers with an error. */
export type Send = (method: string, params: readonly unknown[]) => Promise<unknown>;

const timeoutMs = 5_000;

/** A provider that caches nothing, asks nothing by itself and gives up in time. */
export function createProvider(url: string, chainId: number): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = timeoutMs;
  request.setThrottleParams({ maxAttempts: 1 });
  const fetchOnce = FetchRequest.createGetUrlFunc();
  request.getUrlFunc = (asked, signal) =>
    fetchOnce(asked, signal).catch((error: unknown) => {
      if (!isStaleConnection(error)) throw error;
      return fetchOnce(asked, signal);
    });
  const network = Network.from(chainId);
  const provider = new JsonRpcProvider(request, network, {
    staticNetwork: network,
    cacheTimeout: -1,
    batchMaxCount: 1,
    pollingInterval: 100,
  });
  provider._send = (payload) => post(request.clone(), payload);
  return provider;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** As ethers does it, which decodes UTF-8 in JavaScript: seconds for a log of a million entries. */
async function post(request: FetchRequest, payload: unknown): Promise<JsonRpcResult[]> {
  request.body = JSON.stringify(payload);
  request.setHeader("content-type", "application/json");
  const response = await request.send();
  response.assertOk();
  const answer = JSON.parse(utf8.decode(response.body ?? new Uint8Array())) as JsonRpcResult | JsonRpcResult[];
  return Array.isArray(answer) ? answer : [answer];
}

/** A kept connection that the node closed just then. Asking again is harmless: even a transaction has its effect once. */
function isStaleConnection(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

/** Asks a node for its chain id. Throws, saying what to do, if it does not answer. */
export async function askChainId(url: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return Number(((await answer.json()) as { result: string }).result);
  } catch (cause) {
    throw new Error(`no chain answers at ${url}. Start it, or set DATAPACT_CHAIN_URL to its JSON-RPC address.`, {
      cause,
    });
  }
}
