import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../server/api/client.ts";
import type { UsageAnswer } from "../server/api/usage.ts";
import { rebuildLog } from "../server/client/chainLog.ts";
import type { AgreementId } from "../server/domain/ids.ts";
import { placeOf } from "./support/gatewayProcess.ts";
import { sign, startTestSpace, type TestSpace } from "./support/space.ts";

let space: TestSpace;
let agreement: AgreementId;
beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
});
afterAll(() => space.stop());

type Run = {
  readonly url: string;
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
};

/** Runs a gateway as an operator does: in a process of its own, told by its environment alone. */
async function runGateway(change: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { home, engines } = space;
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    DATAPACT_CHAIN_URL: engines.chainUrl,
    DATAPACT_STORE_URL: engines.storeUrl,
    DATAPACT_HOSPITAL_URL: engines.hospitalUrl,
    DATAPACT_MANIFEST: home.manifest,
    DATAPACT_GATEWAY_KEYSTORE: home.keystore("gateway"),
    DATAPACT_PASSPHRASE_FILE: home.passphrase,
    DATAPACT_PSEUDONYM_SECRET_FILE: home.pseudonymSecret,
    DATAPACT_PORT: "0",
    DATAPACT_ANCHOR_INTERVAL_MS: "100",
    DATAPACT_LOG_LEVEL: "debug",
    DATAPACT_PEER_REQUESTS_PER_MINUTE: "1000000",
    ...change,
  };
  const root = join(import.meta.dirname, "..");
  const child = spawn(process.execPath, ["--import", "tsx", "server/main.ts"], { cwd: root, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    get url() {
      return placeOf(output) ?? "";
    },
    output: () => output,
    signal: (name) => void child.kill(name),
    ended,
  };
}

async function whenReady(run: Run): Promise<void> {
  const isReady = (): Promise<boolean> =>
    createClient(run.url)
      .ready()
      .then(
        () => true,
        () => false,
      );
  await expect.poll(isReady, { interval: 100 }).toBe(true);
}

describe("a gateway's process", () => {
  it("stopped under load, twice, settles what it promised and ends within ten seconds; the log is whole", async () => {
    const run = await runGateway();
    await whenReady(run);
    const gateway = { id: (await createClient(run.url).gateway()).gateway } as never;
    const answers: UsageAnswer[] = [];
    let loading = true;
    const load = async (): Promise<void> => {
      while (loading) {
        const answer = await createClient(run.url)
          .use(sign(space, gateway, agreement))
          .catch(() => undefined);
        if (answer === undefined) await sleep(20);
        else answers.push(answer);
      }
    };
    const loads = Array.from({ length: 8 }, load);
    await expect.poll(() => answers.length).toBeGreaterThan(50);
    const asked = Date.now();
    run.signal("SIGTERM");
    run.signal("SIGTERM");
    await sleep(50);
    run.signal("SIGTERM");
    const code = await run.ended;
    loading = false;
    await Promise.all(loads);
    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(run.output()).toContain("the gateway has stopped");

    const again = await runGateway();
    await whenReady(again);
    const size = async (): Promise<number> => (await createClient(again.url).log()).anchored?.size ?? 0;
    const last = Math.max(...answers.map(({ receipt }) => receipt.index));
    await expect.poll(size).toBeGreaterThan(last);
    const { digests } = await rebuildLog(space.founded.space, answers[0]?.entry.gateway as never);
    for (const { receipt } of answers) expect(`0x${digests[receipt.index]?.toString("hex")}`).toBe(receipt.entry);
    again.signal("SIGTERM");
    expect(await again.ended).toBe(0);
  });

  it("writes nothing of people, statements, names and secrets into its log", async () => {
    const run = await runGateway();
    await whenReady(run);
    const gateway = { id: (await createClient(run.url).gateway()).gateway } as never;
    const client = createClient(run.url);
    const needles = ["needleword", "王芳needle", "1990-03-07T11"];
    const statements = [
      "SELECT count(*) AS needleword FROM newborns",
      "SELECT nonsense FROM needleword",
      "SELECT count(*) FROM newborns WHERE sex = '王芳needle'",
      "SELECT count(*) FROM newborns WHERE mother_name = '王芳needle'",
      "SELECT 1/0, '1990-03-07T11' FROM newborns",
      "needleword",
    ];
    for (const statement of statements) {
      await client.use(sign(space, gateway, agreement, { statement }));
      await client.use(sign(space, gateway, agreement, { statement, purpose: "needleword:1" }));
      await client.use(sign(space, gateway, agreement, { statement, key: "insurer" }));
    }
    await client.agreements({ text: "needleword" }).catch(() => undefined);
    await fetch(`${run.url}/v1/agreements?needleword=1`);
    await fetch(`${run.url}/needleword`);
    await fetch(`${run.url}/v1/usage`, {
      method: "POST",
      body: "needleword",
      headers: { "content-type": "application/json" },
    });
    run.signal("SIGTERM");
    await run.ended;
    const log = run.output();
    expect(log.length).toBeGreaterThan(100);
    for (const line of log.trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    for (const needle of needles) expect(log).not.toContain(needle);
    expect(log).not.toMatch(/SELECT|newborns|mother|Demo |DEMO-|DUO/);
    const password = (url: string): string => decodeURIComponent(new URL(url).password);
    for (const secret of [password(space.engines.storeUrl), password(space.engines.hospitalUrl), agreement])
      expect(log).not.toContain(secret);
  });

  it("does not start with a secret that others may read, names each, and tells none", async () => {
    const { home } = space;
    const open = (file: string): string => {
      const copy = join(home.folder, `open-${file.split("/").at(-1)}`);
      copyFileSync(file, copy);
      chmodSync(copy, 0o644);
      return copy;
    };
    const run = await runGateway({
      DATAPACT_GATEWAY_KEYSTORE: open(home.keystore("gateway")),
      DATAPACT_PASSPHRASE_FILE: open(home.passphrase),
      DATAPACT_PSEUDONYM_SECRET_FILE: open(home.pseudonymSecret),
      DATAPACT_STORE_URL: "mysql://somebody:storepassword@127.0.0.1/x",
      DATAPACT_PORT: "none",
    });
    expect(await run.ended).toBe(1);
    for (const name of [
      "DATAPACT_GATEWAY_KEYSTORE",
      "DATAPACT_PASSPHRASE_FILE",
      "DATAPACT_PSEUDONYM_SECRET_FILE",
      "DATAPACT_STORE_URL",
      "DATAPACT_PORT",
    ])
      expect(run.output()).toContain(`${name}: `);
    expect(run.output()).toMatch(/others may read.*chmod 600/);
    expect(run.output()).not.toContain("storepassword");
    for (const file of [home.keystore("gateway"), home.passphrase, home.pseudonymSecret])
      expect(statSync(file).mode & 0o077, file).toBe(0);
    const empty = join(home.folder, "empty");
    writeFileSync(empty, "", { mode: 0o600 });
    const other = await runGateway({ DATAPACT_PASSPHRASE_FILE: empty });
    expect(await other.ended).toBe(1);
    expect(other.output()).toContain("is empty");
  });

  it("does not start with a key that a public mnemonic gives", async () => {
    const { createKeystore } = await import("../server/keystore.ts");
    const { readSecret } = await import("../server/gateway/config.ts");
    const file = join(space.home.folder, "public-key.json");
    // the first account of anvil and Hardhat
    const known = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    await createKeystore(file, readSecret(space.home.passphrase), known);
    const run = await runGateway({ DATAPACT_GATEWAY_KEYSTORE: file });
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(/everybody knows this key/);
    expect(run.output()).not.toContain(known.slice(2));
  });
});
