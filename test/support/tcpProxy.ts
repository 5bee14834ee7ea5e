import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between a client and PostgreSQL that can be cut, by itself, at a chosen moment. */
export type TcpProxy = {
  /** The same database through this wire. */
  readonly url: string;
  /** Cuts every connection now, and refuses new ones while down. */
  readonly cut: () => void;
  readonly setDown: (down: boolean) => void;
  /** Passes on what the client sends next if it contains `text`, and then nothing comes back: the connection is cut. */
  readonly loseAnswerTo: (text: string) => void;
  /** What clients get in place of each piece of an answer, nothing if it is undefined; without argument honest again. */
  readonly alterAnswers: (alter?: (chunk: Buffer) => Buffer | undefined) => void;
  /** How many answers were lost. */
  readonly lost: () => number;
  readonly stop: () => Promise<void>;
};

export async function startTcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<Socket>();
  let down = false;
  let trap: string | undefined;
  let lost = 0;
  let alter: ((chunk: Buffer) => Buffer | undefined) | undefined;

  const server = createServer((client) => {
    if (down) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    let deaf = false;
    for (const socket of [client, upstream]) {
      pairs.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        pairs.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    client.on("data", (chunk) => {
      if (trap !== undefined && chunk.includes(trap)) {
        trap = undefined;
        deaf = true;
        lost += 1;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      const told = alter === undefined ? chunk : alter(chunk);
      // the statement has run and was committed: nobody is told
      if (deaf) client.destroy();
      else if (told !== undefined) client.write(told);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    for (const socket of pairs) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    setDown: (next) => {
      down = next;
      if (down) cut();
    },
    loseAnswerTo: (text) => {
      trap = text;
    },
    alterAnswers: (next) => {
      alter = next;
    },
    lost: () => lost,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
