import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** Bounds what slow, idle and many clients may hold; Node's own are laxer or none. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
};
/** A result that waits for the chain waits up to a minute. */
const silenceMs = 90_000;
const mostConnections = 10_000;
const mostOfOnePeer = 5_000;

export type Place = {
  readonly host: string;
  readonly port: number;
  /** The setting that names the port. */
  readonly setting: string;
};

/**
 * Serves an app. Rejects, saying what to do, if the port is taken.
 * @param isTrusted Whether an address is that of a proxy, which brings many peers.
 */
export function listen(
  app: RequestListener,
  { host, port, setting }: Place,
  isTrusted: (address: string) => boolean = () => false,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(limits, app);
    server.maxConnections = mostConnections;
    server.timeout = silenceMs;
    server.on("clientError", answerUnreadable);
    server.on("connection", createPeerCounter(isTrusted));
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeTaken(error, { host, port, setting })));
    server.listen(port, host, () => resolve(server));
  });
}

/** Finds out whether one could listen at a place, and lets go of it again. Rejects, saying what to do, if the port is taken. */
export function requireFree(place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeTaken(error, place)));
    server.listen(place.port, place.host, () => server.close(() => resolve()));
  });
}

function describeTaken(error: NodeJS.ErrnoException, { host, port, setting }: Place): Error {
  if (error.code !== "EADDRINUSE") return error;
  return new Error(`port ${port} of ${host} is in use. Stop what listens there, or set ${setting} to another port.`);
}

/** The address on which a server listens. */
export function urlOf(server: Server, host: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

/** Cuts connections beyond what one peer may have. */
function createPeerCounter(isTrusted: (address: string) => boolean): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const peer = socket.remoteAddress ?? "";
    if (isTrusted(peer)) return;
    const count = (open.get(peer) ?? 0) + 1;
    open.set(peer, count);
    socket.once("close", () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left === 0) open.delete(peer);
      else open.set(peer, left);
    });
    if (count > mostOfOnePeer) socket.destroy();
  };
}

const statuses: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "HeaderTooLarge", "The header is larger than 16 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "RequestTooSlow", "The request did not arrive in time."],
};

/** Answers what is not readable as HTTP as any other mistake is answered. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, code, title] = statuses[error.code ?? ""] ?? [
    400,
    "RequestMalformed",
    "This is not readable as HTTP.",
  ];
  const body = JSON.stringify({ type: "about:blank", status, code, title });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/problem+json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    "x-content-type-options: nosniff",
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** How long requests may take to end once the server stops. Longer than any query may run would make a stop seem to hang. */
const patienceMs = 8_000;

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
