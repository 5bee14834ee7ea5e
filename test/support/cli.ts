import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { TestSpace } from "./space.ts";

export type Run = { readonly code: number | null; readonly out: string; readonly error: string };

/** Runs `datapact` as a user does, in a process of its own. */
export type Datapact = (...args: readonly string[]) => Promise<Run>;

const script = join(import.meta.dirname, "../../scripts/datapact.mjs");

/** Makes `datapact` for a space; `environment` adds to where it looks or takes away with undefined. */
export function createDatapact(
  { home, engines }: TestSpace,
  gateway: Pick<Gateway, "url">,
  environment: Readonly<Record<string, string | undefined>> = {},
): Datapact {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    DATAPACT_HOME: home.folder,
    DATAPACT_CHAIN_URL: engines.chainUrl,
    DATAPACT_GATEWAY_URL: gateway.url,
    DATAPACT_HOSPITAL_ADMIN_URL: engines.hospitalAdminUrl,
    DATAPACT_MANIFEST: home.manifest,
    ...environment,
  };
  return (...args) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
      let [out, error] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        error += chunk.toString();
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, out, error }));
    });
}
