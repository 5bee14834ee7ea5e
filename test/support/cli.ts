import { spawn } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { TestSpace } from "./space.ts";

export type Run = { readonly code: number | null; readonly out: string; readonly error: string };

/** Runs `datapact` as a user does, in a process of its own. */
export type Datapact = (...args: readonly string[]) => Promise<Run>;

const terminal = join(import.meta.dirname, "terminal.py");
const script = join(import.meta.dirname, "../../scripts/datapact.mjs");

/**
 * Makes `datapact` for a space; `environment` adds to where it looks or takes away with undefined. With something `typed`, it runs at a
 * terminal, on which all that it says is said together.
 */
export function createDatapact(
  { home, engines }: TestSpace,
  gateway: Pick<Gateway, "url">,
  environment: Readonly<Record<string, string | undefined>> = {},
  typed?: string,
): Datapact {
  const [command = "", ...first] =
    typed === undefined ? [process.execPath] : ["python3", "-I", terminal, typed, process.execPath];
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
      const child = spawn(command, [...first, script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
      let [out, error] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        error += chunk.toString();
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, out: typed === undefined ? out : plain(out), error }));
    });
}

/** What a terminal was told, without what moves its cursor. */
const plain = (said: string): string => stripVTControlCharacters(said).replaceAll("\r\n", "\n");
