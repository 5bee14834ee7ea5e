import type { Server } from "node:http";
import type { Express } from "express";

/** Serves an app. Rejects, saying what to do, if the port is taken. */
export function listen(app: Express, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server: Server = app.listen(port, host, (error?: Error) => {
      if (error === undefined) resolve(limit(server));
      else if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") reject(error);
      else reject(new Error(`port ${port} of ${host} is in use. Stop what listens there, or set DATAPACT_PORT.`));
    });
  });
}

/** How long requests may take to end once the server stops. Longer than any query may run would make a stop seem to hang. */
const patienceMs = 8_000;

/** Bounds what a slow or idle client may hold. */
function limit(server: Server): Server {
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.maxConnections = 2_000;
  return server;
}

/** Stops accepting, lets requests end, cuts those that do not, and resolves once all connections are closed. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
