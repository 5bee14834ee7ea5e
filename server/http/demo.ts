import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { Express, Request } from "express";
import { z } from "zod";
import { readJsonBody } from "./body.ts";
import { notFound, sendProblem } from "./problem.ts";

/** Identities of a demo whose keys this machine holds, and what their wallets answer (EIP-1193). */
export type Demo = {
  /** Known to who started the gateway, anew at each start: to whoever merely reaches the port, the wallets do not exist. */
  readonly secret: string;
  readonly identities: readonly { readonly key: string; readonly name: string; readonly address: string }[];
  readonly ask: (key: string, method: string, params: readonly unknown[]) => Promise<DemoAnswer>;
};

/** What a wallet gave, or why it gave nothing: `code` after EIP-1193 or JSON-RPC, `data` what a contract said. */
export type DemoAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } };

const demoHeader = "x-datapact-demo";

const askSchema = z.strictObject({
  key: z.string().max(64),
  method: z.string().max(64),
  params: z.array(z.unknown()).max(8),
});

/**
 * Serves the wallets of a demo to pages on this machine that say its secret. To anybody else, and under any other name of this machine than
 * its own, it is as if they did not exist: a page elsewhere whose name was pointed here gets nothing, nor does who came through a tunnel or a
 * proxy that says nothing of itself.
 */
export function serveDemo(app: Express, demo: Demo): void {
  app.use("/demo", function refuseStrangers(request, response, next) {
    if (isOfThisMachine(request) && saysSecret(request, demo.secret)) next();
    else sendProblem(response, notFound);
  });
  app.get("/demo/identities", (_request, response) => void response.json(demo.identities));
  app.post("/demo/wallet", readJsonBody(256 * 1_024), async (request, response) => {
    const { key, method, params } = askSchema.parse(request.body);
    response.json(await demo.ask(key, method, params));
  });
}

function saysSecret(request: Request, secret: string): boolean {
  const [said, known] = [Buffer.from(request.get(demoHeader) ?? ""), Buffer.from(secret)];
  return said.length === known.length && timingSafeEqual(said, known);
}

function isOfThisMachine(request: Request): boolean {
  const isForwarded = request.get("x-forwarded-for") !== undefined || request.get("forwarded") !== undefined;
  const name = URL.parse(`http://${request.get("host") ?? ""}`)?.hostname ?? "";
  return !isForwarded && isLoopback(request.socket.remoteAddress ?? "") && (name === "localhost" || isLoopback(name));
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "").replace(/^::ffff:/, "");
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}
