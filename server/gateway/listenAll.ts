import type { Express } from "express";
import { closeServer, listen, type Place, urlOf } from "../http/listen.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { serveMetrics } from "../metrics/serveMetrics.ts";
import type { Config, ListeningConfig } from "./config.ts";

/** Where a gateway listens. */
export type Listening = {
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Stops accepting and settles what runs. */
  readonly close: () => Promise<void>;
};

/** Where a gateway of these settings listens: for requests, and for whoever collects metrics if a port is set for that. */
export function placesOf(config: ListeningConfig): { readonly requests: Place; readonly metrics: Place | undefined } {
  const port = config.DATAPACT_METRICS_PORT;
  return {
    requests: { host: config.DATAPACT_HOST, port: config.DATAPACT_PORT, setting: "DATAPACT_PORT" },
    metrics:
      port === undefined ? undefined : { host: config.DATAPACT_METRICS_HOST, port, setting: "DATAPACT_METRICS_PORT" },
  };
}

/** Listens for requests, and for whoever collects metrics if a port is set for that; both or none. */
export async function listenAll(config: Config, app: Express, metrics: Metrics): Promise<Listening> {
  const isTrusted = (address: string): boolean => (app.get("trust proxy fn") as (peer: string) => boolean)(address);
  const places = placesOf(config);
  const server = await listen(app, places.requests, isTrusted);
  const forMetrics = places.metrics && listen(serveMetrics(metrics), places.metrics);
  const metricsServer = await forMetrics?.catch(async (error: unknown) => {
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
