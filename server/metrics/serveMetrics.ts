import type { RequestListener } from "node:http";
import type { Metrics } from "./metrics.ts";

/** Serves `GET /metrics` and nothing else. Meant for an address of its own, which only the operator reaches. */
export function serveMetrics(metrics: Metrics): RequestListener {
  return (request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text),
      () => response.writeHead(500).end(),
    );
  };
}
