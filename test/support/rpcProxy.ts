import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** How the node misbehaves: gets what it was asked and what the honest node says, and writes what leaves. */
export type Fault = (call: Call, honest: unknown, response: ServerResponse) => void;

/** A JSON-RPC node between us and an honest one that can be made to misbehave. */
export type RpcProxy = {
  readonly url: string;
  /** Methods asked since the last reset, in order. */
  readonly asked: () => readonly string[];
  readonly reset: () => void;
  /** Misbehaves from now on towards these methods, or all; undefined for honest again. What it is asked still reaches the honest node. */
  readonly misbehave: (fault: Fault | undefined, methods?: readonly string[]) => void;
  /** Answers these methods with an error from now on, and passes none of them on; without any, all again. */
  readonly refuse: (...methods: readonly string[]) => void;
  readonly stop: () => Promise<void>;
};

const send = (response: ServerResponse, body: unknown, status = 200, type = "application/json"): void => {
  response.writeHead(status, { "content-type": type });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

const answer = ({ id }: Call, result: unknown): unknown => ({ jsonrpc: "2.0", id, result });

/** Ways in which nodes fail. None of them may ever look like a permit. */
export const faults = {
  hang: () => undefined,
  cut: (_call, _honest, response) => void response.destroy(),
  cutInside: (call, honest, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "4096" });
    response.write(JSON.stringify(answer(call, honest)).slice(0, -2));
    setTimeout(() => response.destroy(), 20);
  },
  html: (_call, _honest, response) => send(response, "<html><body>It works!</body></html>", 200, "text/html"),
  truncated: (call, honest, response) => send(response, JSON.stringify(answer(call, honest)).slice(0, -5)),
  nothing: (_call, _honest, response) => send(response, ""),
  emptyObject: (_call, _honest, response) => send(response, {}),
  emptyArray: (_call, _honest, response) => send(response, []),
  status500: (call, honest, response) => send(response, answer(call, honest), 500),
  status429: (_call, _honest, response) => send(response, "slow down", 429),
  wrongId: (call, honest, response) => send(response, answer({ ...call, id: call.id + 1_000 }, honest)),
  noId: (_call, honest, response) => send(response, { jsonrpc: "2.0", result: honest }),
  error: ({ id }, _honest, response) =>
    send(response, { jsonrpc: "2.0", id, error: { code: -32_000, message: "header not found" } }),
  null: (call, _honest, response) => send(response, answer(call, null)),
  wrongType: (call, _honest, response) => send(response, answer(call, { permitted: true })),
  number: (call, _honest, response) => send(response, answer(call, 1)),
  yes: (call, _honest, response) => send(response, answer(call, `0x${"00".repeat(31)}01`)),
  noBytes: (call, _honest, response) => send(response, answer(call, "0x")),
  zeros: (call, _honest, response) => send(response, answer(call, `0x${"00".repeat(640)}`)),
  ones: (call, _honest, response) => send(response, answer(call, `0x${`${"00".repeat(31)}01`.repeat(20)}`)),
  allBits: (call, _honest, response) => send(response, answer(call, `0x${"ff".repeat(640)}`)),
} as const satisfies Readonly<Record<string, Fault>>;

/** Shows an old block as the newest. */
export const staleHead =
  (block: unknown): Fault =>
  (call, honest, response) =>
    send(
      response,
      answer(call, call.method === "eth_getBlockByNumber" && call.params[0] === "latest" ? block : honest),
    );

export async function startRpcProxy(honestUrl: string): Promise<RpcProxy> {
  let fault: Fault | undefined;
  let faulty: readonly string[] | undefined;
  let refused: readonly string[] = [];
  let asked: string[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const call = JSON.parse(body) as Call;
    asked.push(call.method);
    if (refused.includes(call.method)) {
      faults.error(call, undefined, response);
      return;
    }
    const headers = { "content-type": "application/json" };
    const honest = (await (await fetch(honestUrl, { method: "POST", headers, body })).json()) as { result?: unknown };
    if (fault !== undefined && (faulty === undefined || faulty.includes(call.method)))
      fault(call, honest.result, response);
    else send(response, honest);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    reset: () => {
      asked = [];
    },
    misbehave: (next, methods) => {
      fault = next;
      faulty = methods;
    },
    refuse: (...methods) => {
      refused = methods;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
