import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type Express } from "express";
import helmet from "helmet";
import { describeApi } from "../api/openapi.ts";
import { type RouteName, routes } from "../api/routes.ts";
import { reasonFacts } from "../domain/reasons.ts";
import type { Answer, Use } from "../usage/use.ts";
import { type Console, serveConsole } from "./console.ts";
import { type Demo, serveDemo } from "./demo.ts";
import { docsStyle, renderDocs } from "./docs.ts";
import { type ExportRoute, mountExportRoute } from "./exportRoute.ts";
import { createGuard } from "./guard.ts";
import { createMount, type Handler } from "./mount.ts";
import { refuseForeignSites } from "./origin.ts";
import { limitPeers } from "./peerLimit.ts";
import { handleErrors, notFound, sendProblem } from "./problem.ts";
import { mountSessionRoutes, type SessionRoutes } from "./sessionRoutes.ts";
import { serveTiles, type TiledLog } from "./tiles.ts";

/** Routes whose answers are more than their handler's value. */
type OwnRoute = "use" | "alive" | "ready" | "challenge" | "signIn" | "session" | "signOut" | "exportEntries";

/** Every other route of the table. */
export type Handlers = { readonly [Name in Exclude<RouteName, OwnRoute>]: Handler<Name> };

export type AppOptions = {
  readonly version: string;
  readonly use: Use;
  readonly session: SessionRoutes;
  readonly exports: ExportRoute;
  readonly handlers: Handlers;
  readonly tiledLog: TiledLog;
  /** Rejects, saying what is missing, unless requests can be answered now. */
  readonly ready: () => Promise<void>;
  readonly report: (error: unknown) => void;
  /** How often one peer may ask in a minute. */
  readonly requestsPerMinute: number;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Undefined where it was not built. */
  readonly console: Console | undefined;
  /** Only where the keys of a demo are kept; undefined everywhere else. */
  readonly demo: Demo | undefined;
};

const policy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

export function createApp(options: AppOptions): Express {
  const { use, handlers, report } = options;
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", [...options.trustedProxies]);
  app.set("etag", false);
  app.set("query parser", false);
  app.use(helmet({ contentSecurityPolicy: policy }));
  app.use(function forbidStoring(_request, response, next) {
    response.set("cache-control", "no-store");
    next();
  });
  const { origin, sessions } = options.session;
  const { mount, mountRaw } = createMount(app, createGuard(sessions, origin));
  mount("alive", () => ({ status: "alive" }));
  app.use(limitPeers(options.requestsPerMinute));
  app.use(refuseForeignSites(origin));

  mountRaw("use", async (signed, { response }) => sendAnswer(response, await use(signed)));
  mountSessionRoutes({ mount, mountRaw }, options.session);
  mountExportRoute({ mount, mountRaw }, options.exports, report);
  // in the order of the table: a path without a variable stands before one that would take it for its own
  for (const name of Object.keys(routes) as RouteName[])
    if (name in handlers) mount(name, handlers[name as keyof Handlers] as Handler<RouteName>);
  mountRaw("ready", async (_input, { response }) => {
    try {
      await options.ready();
      response.json({ status: "ready" });
    } catch (error) {
      report(error);
      sendProblem(response, { status: 503, code: "NotReady", title: "The gateway cannot answer requests now." });
    }
  });
  serveTiles(app, options.tiledLog);
  serveDocs(app, options.version);
  if (options.demo !== undefined) serveDemo(app, options.demo);
  if (options.console !== undefined) serveConsole(app, options.console, options.demo !== undefined);
  app.use((_request, response) => sendProblem(response, notFound));
  app.use(handleErrors(report));
  return app;
}

function serveDocs(app: Express, version: string): void {
  const api = describeApi(version);
  const [text, page] = [Buffer.from(JSON.stringify(api)), Buffer.from(renderDocs(api))];
  app.get("/openapi.json", (_request, response) => void response.type("json").send(text));
  app.get("/docs", (_request, response) => void response.type("html").send(page));
  app.get("/docs/style.css", (_request, response) => void response.type("css").send(docsStyle));
}

function sendAnswer(response: express.Response, answered: Answer): void {
  if ("result" in answered) {
    sendResult(response, answered);
    return;
  }
  const { reason, detail, entry, receipt } = answered;
  const { status, text: title } = reasonFacts[reason];
  const problem = { status, code: reason, title, ...(detail === undefined ? {} : { detail }) };
  sendProblem(response, problem, { entry, receipt });
}

/** The result goes out in the very bytes that its entry covers, as fast as the client reads them and as long as it is permitted. */
function sendResult(
  response: express.Response,
  { entry, receipt, result, settle, requirePermitted }: Extract<Answer, { result: unknown }>,
): void {
  const { content, bytes } = result;
  const head = Buffer.from(`{"entry":${JSON.stringify(entry)},"receipt":${JSON.stringify(receipt)},"result":`);
  // a client that has gone can ask again for what had to wait; whatever else was recorded stands
  if (response.closed || response.destroyed) {
    settle(false);
    return;
  }
  response.type("application/json");
  if (typeof content !== "function") {
    response.send(Buffer.concat([head, content, end]));
    settle(true);
    return;
  }
  response.set("content-length", String(head.length + bytes + end.length));
  const parts = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for await (const chunk of content() as AsyncIterable<Buffer>) {
      await requirePermitted();
      yield chunk;
    }
    yield end;
  };
  const done = (): void => settle(true);
  const signal = AbortSignal.timeout(longestMs);
  pipeline(Readable.from(parts(), { objectMode: false }), response, { signal }).then(done, done);
}

/** How long a reader may take over one result. */
const longestMs = 600_000;
const end = Buffer.from("}");
