import type { Server } from "node:http";
import type { Express } from "express";
import { closeServer, listen, urlOf } from "../http/listen.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { serveMetrics } from "../metrics/serveMetrics.ts";
import type { Config } from "./config.ts";

/** Where a gateway listens. */
export type Listening = {
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Stops accepting and settles what runs. */
  readonly close: () => Promise<void>;
};

/** Listens for requests, and for whoever collects metrics if a port is set for that; both or none. */
export async function listenAll(config: Config, app: Express, metrics: Metrics): Promise<Listening> {
  const isTrusted = (address: string): boolean => (app.get("trust proxy fn") as (peer: string) => boolean)(address);
  const place = { host: config.DATAPACT_HOST, port: config.DATAPACT_PORT, setting: "DATAPACT_PORT" };
  const server = await listen(app, place, isTrusted);
  const metricsServer = await listenForMetrics(config, metrics).catch(async (error: unknown) => {
    await closeServer(server);
    throw error;
  });
  return {
    url: urlOf(server, config.DATAPACT_HOST),
    metricsUrl: metricsServer && `${urlOf(metricsServer, config.DATAPACT_METRICS_HOST)}/metrics`,
    close: async () => {
      await Promise.all([closeServer(server), metricsServer && closeServer(metricsServer)]);
    },
  };
}

async function listenForMetrics(config: Config, metrics: Metrics): Promise<Server | undefined> {
  const port = config.DATAPACT_METRICS_PORT;
  if (port === undefined) return undefined;
  return listen(serveMetrics(metrics), { host: config.DATAPACT_METRICS_HOST, port, setting: "DATAPACT_METRICS_PORT" });
}
