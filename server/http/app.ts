import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Entry } from "../domain/entry.ts";
import type { ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { Manifest } from "../domain/manifest.ts";
import { reasonFacts } from "../domain/reasons.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Answer, Use } from "../usage/use.ts";
import { readJsonBody } from "./body.ts";
import { handleErrors, notFound, sendProblem } from "./problem.ts";
import { indexSchema, requestDigestSchema, signedRequestSchema } from "./schemas.ts";

/** What the gateway says of itself, so that a client needs no other setting. */
export type About = {
  readonly gateway: ParticipantId;
  readonly hospital: ParticipantId;
  readonly manifest: Manifest;
};

/** The log as anyone may see it: how many entries are appended, and the head that is anchored. */
export type LogAbout = {
  readonly appended: number;
  readonly anchored: { readonly size: number; readonly root: string; readonly block: number } | null;
};

/** That an entry stands in the tree of an anchored head. Hashes are 32 bytes in hex. */
export type ProofAbout = {
  readonly index: number;
  readonly size: number;
  readonly root: string;
  readonly path: readonly string[];
};

export type Handlers = {
  readonly use: Use;
  readonly about: () => About;
  readonly log: () => LogAbout;
  /** Undefined until the entry is anchored. */
  readonly proof: (index: number) => ProofAbout | undefined;
  /** Entry and a receipt for a request that was recorded; the answer itself is not kept. */
  readonly recorded: (
    digest: RequestDigest,
  ) => Promise<{ readonly entry: Entry; readonly receipt: Receipt } | undefined>;
  /** Rejects, saying what is missing, unless requests can be answered now. */
  readonly ready: () => Promise<void>;
  readonly report: (error: unknown) => void;
};

const mostBodyBytes = 64 * 1_024;

export function createApp(handlers: Handlers): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", false);
  app.set("etag", false);
  app.use(helmet());
  app.use(function forbidStoring(_request, response, next) {
    response.set("cache-control", "no-store");
    next();
  });

  app.post("/v1/usage", readJsonBody(mostBodyBytes), answerUse(handlers.use));
  app.get("/v1/gateway", (_request, response) => void response.json(handlers.about()));
  app.get("/v1/log", (_request, response) => void response.json(handlers.log()));
  app.get("/v1/log/entries/:index/proof", (request, response) => {
    const proof = handlers.proof(indexSchema.parse(request.params.index));
    if (proof === undefined)
      sendProblem(response, { ...notFound, detail: "The entry is not anchored yet, or does not exist." });
    else response.json(proof);
  });
  app.get("/v1/requests/:digest", async (request, response) => {
    const recorded = await handlers.recorded(requestDigestSchema.parse(request.params.digest));
    if (recorded === undefined)
      sendProblem(response, { ...notFound, detail: "No request with this digest is recorded." });
    else response.json(recorded);
  });
  app.get("/healthz", (_request, response) => void response.json({ status: "alive" }));
  app.get("/readyz", async (_request, response) => {
    try {
      await handlers.ready();
      response.json({ status: "ready" });
    } catch (error) {
      handlers.report(error);
      sendProblem(response, { status: 503, code: "NotReady", title: "The gateway cannot answer requests now." });
    }
  });
  app.use((_request, response) => sendProblem(response, notFound));
  app.use(handleErrors(handlers.report));
  return app;
}

function answerUse(use: Use): RequestHandler {
  return async function answer(request, response) {
    const answered = await use(signedRequestSchema.parse(request.body));
    if ("result" in answered) response.type("application/json").send(writeAnswer(answered));
    else {
      const { reason, detail, entry, receipt } = answered;
      const { status, text: title } = reasonFacts[reason];
      sendProblem(
        response,
        { status, code: reason, title, ...(detail === undefined ? {} : { detail }) },
        { entry, receipt },
      );
    }
  };
}

/** The result goes out in the very bytes that its entry covers. */
function writeAnswer({ entry, receipt, resultBytes }: Extract<Answer, { result: unknown }>): Buffer {
  const head = `{"entry":${JSON.stringify(entry)},"receipt":${JSON.stringify(receipt)},"result":`;
  return Buffer.concat([Buffer.from(head), resultBytes, Buffer.from("}")]);
}
