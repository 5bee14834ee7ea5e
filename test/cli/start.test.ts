import { spawn } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "../support/folder.ts";

const script = join(import.meta.dirname, "../../scripts/start.ts");
let holder: Server;
let port: string;

beforeAll(async () => {
  holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  port = String((holder.address() as { port: number }).port);
});
afterAll(() => new Promise((resolve) => holder.close(resolve)));

function start(home: string, settings: Readonly<Record<string, string>>) {
  const env = { PATH: process.env.PATH, DATAPACT_HOME: home, ...settings };
  return new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", script], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said }));
  });
}

describe("npm start", () => {
  it.each([
    ["DATAPACT_PORT", "in use", () => ({ DATAPACT_PORT: port })],
    ["DATAPACT_METRICS_PORT", "in use", () => ({ DATAPACT_PORT: "0", DATAPACT_METRICS_PORT: port })],
    ["DATAPACT_PORT", "must be a whole number", () => ({ DATAPACT_PORT: "http" })],
  ])("notices that %s is %s before it starts or writes anything", async (setting, problem, settings) => {
    const home = makeFolder("start");
    chmodSync(home, 0o711);
    const { code, said } = await start(home, settings());
    expect(code).toBe(1);
    expect(said).toContain(setting);
    expect(said).toContain(problem);
    expect(said).not.toMatch(/\n\s+at /);
    expect(readdirSync(home)).toEqual([]);
  });
});
