import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How to run an engine as a child: `ready` resolves once it answers. */
export type EngineCommand = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
  readonly stopSignal: NodeJS.Signals;
  readonly ready: () => Promise<void>;
  readonly beforeStart?: () => Promise<void>;
  /** Last words of a start that failed for what passes by itself. */
  readonly passing?: RegExp;
  /** Told of every process that was started, planned or not. */
  readonly onStart?: (pid: number) => void;
  readonly warn: (message: string) => void;
};

export type Engine = { readonly pid: () => number | undefined; readonly stop: () => Promise<void> };

const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const restartsPerMinute = 5;
const pauseMs = 100;

/**
 * Starts an engine, waits until it answers, and starts it again whenever it ends unasked, or fails to start again: a few times a minute.
 * Throws with its last words if it does not answer the first time.
 */
export async function superviseEngine(command: EngineCommand): Promise<Engine> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let restarts: number[] = [];
  let current = await startOnce(command);

  const mayRestart = async (): Promise<void> => {
    const [oldest = 0] = restarts.slice(-restartsPerMinute);
    const isSpent = restarts.length >= restartsPerMinute && oldest > Date.now() - 60_000;
    if (isSpent) command.warn(`${command.name} ends again and again; it is given a minute`);
    await sleep(isSpent ? oldest + 60_000 - Date.now() : pauseMs, undefined, { signal });
    restarts = [...restarts.slice(-restartsPerMinute), Date.now()];
  };
  const restart = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await mayRestart();
        current = await startOnce(command);
        if (signal.aborted) await endProcess(current, command.stopSignal);
        else watch(current);
        return;
      } catch (error) {
        if (!signal.aborted) command.warn(`${command.name} does not start again: ${String(error)}`);
      }
    }
  };
  const watch = (started: Started): void => {
    void started.ended.then(() => {
      if (signal.aborted) return undefined;
      command.warn(`${command.name} ended unasked and is started again: ${started.lastWords()}`);
      return restart();
    });
  };
  watch(current);

  return Object.freeze({
    pid: () => current.process.pid,
    stop: async () => {
      stopping.abort();
      await endProcess(current, command.stopSignal);
    },
  });
}

type Started = { readonly process: ChildProcess; readonly ended: Promise<void>; readonly lastWords: () => string };

async function startOnce(command: EngineCommand): Promise<Started> {
  await command.beforeStart?.();
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return await startUntil(command, deadline);
    } catch (error) {
      const passes = command.passing !== undefined && error instanceof Error && command.passing.test(error.message);
      if (!passes || Date.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

async function startUntil(command: EngineCommand, deadline: number): Promise<Started> {
  const started = spawnEngine(command);
  if (started.process.pid !== undefined) command.onStart?.(started.process.pid);
  let hasEnded = false;
  void started.ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    if (hasEnded) throw new Error(`${command.name} did not start: ${started.lastWords()}`);
    try {
      await command.ready();
      return started;
    } catch (error) {
      if (Date.now() > deadline) {
        await endProcess(started, "SIGKILL");
        throw new Error(`${command.name} does not answer: ${started.lastWords()}`, { cause: error });
      }
      await sleep(25);
    }
  }
}

function spawnEngine(command: EngineCommand): Started {
  // a group of its own: Ctrl-C is for the gateway, which stops its engines itself, in order
  const detached = process.platform !== "win32";
  const child = spawn(command.file, command.args, { ...command.options, detached, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  const listen = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-2_000);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      words += String(error);
      resolve();
    });
  });
  return { process: child, ended, lastWords: () => words.trim() || "it said nothing" };
}

async function endProcess(started: Started, signal: NodeJS.Signals): Promise<void> {
  started.process.kill(signal);
  const timer = setTimeout(() => started.process.kill("SIGKILL"), stopTimeoutMs);
  await started.ended;
  clearTimeout(timer);
}

/** Starts something on a port of 127.0.0.1 that nobody listens on; on another one if somebody took it first. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (!/address already in use|could not create any TCP\/IP sockets/i.test(String(error))) throw error;
    }
  }
}

/** Returns a TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
