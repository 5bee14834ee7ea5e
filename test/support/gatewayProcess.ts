import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { TestSpace } from "./space.ts";

/** A gateway in a process of its own, as it is deployed. */
export type GatewayProcess = {
  /** Enough of a gateway to sign for it and ask it. */
  readonly gateway: Gateway;
  readonly child: ChildProcess;
  /** Its exit code once it has ended, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
};

/** Where a gateway says in its log that it serves, once it does. */
export function placeOf(log: string): string | undefined {
  return /"url":"(http:[^"]+)".*"msg":"the gateway serves"/.exec(log)?.[1];
}

export async function startGatewayProcess(
  { home, engines, founded }: TestSpace,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "../../server/main.ts")], {
    env: {
      PATH: process.env.PATH,
      DATAPACT_CHAIN_URL: engines.chainUrl,
      DATAPACT_STORE_URL: engines.storeUrl,
      DATAPACT_HOSPITAL_URL: engines.hospitalUrl,
      DATAPACT_MANIFEST: home.manifest,
      DATAPACT_GATEWAY_KEYSTORE: home.keystore("gateway"),
      DATAPACT_PASSPHRASE_FILE: home.passphrase,
      DATAPACT_PSEUDONYM_SECRET_FILE: home.pseudonymSecret,
      DATAPACT_PORT: "0",
      DATAPACT_HEAD_AGE_MS: "0",
      DATAPACT_REQUESTS_PER_SECOND: "1000000",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string | null);
  const deadline = Date.now() + 300_000;
  const isReady = async (): Promise<boolean> =>
    (await fetch(`${placeOf(text)}/readyz`).catch(() => undefined))?.status === 200;
  while (!(await isReady())) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`the gateway does not start: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const gateway: Gateway = {
    url: placeOf(text) ?? "",
    metricsUrl: undefined,
    id: founded.id("gateway"),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
  return { gateway, child, ended };
}
