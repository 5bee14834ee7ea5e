import type { Server } from "node:http";
import type { Express } from "express";

/** Serves an app. Rejects, saying what to do, if the port is taken. */
export function listen(app: Express, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, host, (error?: Error) => {
      if (error === undefined) resolve(server);
      else if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") reject(error);
      else reject(new Error(`port ${port} of ${host} is in use. Stop what listens there, or set DATAPACT_PORT.`));
    });
  });
}

/** Stops accepting and resolves once every request is answered. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
