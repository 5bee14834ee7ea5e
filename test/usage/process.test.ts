import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import type { UsageAnswer } from "../../server/api/usage.ts";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gatewayProcess.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { ask, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let node: RpcProxy;
let agreement: AgreementId;
const started: GatewayProcess[] = [];

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  agreement = await space.conclude();
});
afterEach(() => node.misbehave(undefined));
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill("SIGKILL");
    await ended;
  }
  await node.stop();
  await space.stop();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const process = await startGatewayProcess(space, settings);
  started.push(process);
  return process;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks from several sides until told to stop; gives every answer that came. */
function load({ gateway }: GatewayProcess) {
  const answers: UsageAnswer[] = [];
  let loading = true;
  const sides = Array.from({ length: 8 }, async () => {
    while (loading) {
      const answer = await ask(space, gateway, agreement).catch(() => undefined);
      if (answer === undefined) await pause(10);
      else answers.push(answer);
    }
  });
  const stop = async (): Promise<readonly UsageAnswer[]> => {
    loading = false;
    await Promise.all(sides);
    return answers;
  };
  return { answered: () => answers.length, stop };
}

/** Every answer that left stands in the log, at its index. */
async function expectAllRecorded({ gateway }: GatewayProcess, answers: readonly UsageAnswer[]): Promise<void> {
  expect(answers.length).toBeGreaterThan(20);
  expect(new Set(answers.map(({ receipt }) => receipt.index)).size).toBe(answers.length);
  for (const { entry, receipt } of answers) {
    const found = (await (await fetch(`${gateway.url}/v1/requests/${entry.request}`)).json()) as UsageAnswer;
    expect(found.entry).toEqual(entry);
    expect(found.receipt.index).toBe(receipt.index);
  }
}

it("killed under load, it has every answer that left in its log, and the next process goes on", async () => {
  const first = await start();
  const { answered, stop } = load(first);
  await expect.poll(answered).toBeGreaterThan(100);
  first.child.kill("SIGKILL");
  expect(await first.ended).toBe("SIGKILL");
  const answers = await stop();
  const second = await start();
  await expectAllRecorded(second, answers);
  expect(reasonOf(await ask(space, second.gateway, agreement))).toBeUndefined();
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

describe("a gateway that was stopped for a while and goes on", () => {
  it.each([
    [2, "between check and query"],
    [3, "between query and entry"],
    [4, "between entry and answer"],
  ])("at question %i, %s: releases nothing that was suspended meanwhile", async (stopAt) => {
    const { child, gateway, ended } = await start({ DATAPACT_CHAIN_URL: node.url });
    const fresh = await space.conclude();
    const { UsagePolicy } = space.founded.space.manifest.contracts;
    let asked = 0;
    node.misbehave(
      (call, honest, response) => {
        const { to } = (call.params[0] ?? {}) as { readonly to?: string };
        const answer = (): void => void response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result: honest }));
        if (to?.toLowerCase() !== UsagePolicy.address.toLowerCase()) return answer();
        asked += 1;
        if (asked !== stopAt) return void space.founded.space.send("evm_mine", []).then(answer);
        child.kill("SIGSTOP");
        answer();
        void write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", "suspend", [fresh, ""])
          .then(() => pause(6_000))
          .then(() => child.kill("SIGCONT"));
      },
      ["eth_call"],
    );
    const answer = await createClient(gateway.url).use(sign(space, gateway, fresh));
    expect(answer).not.toHaveProperty("result");
    expect(["AgreementSuspended", "ChainUnavailable"]).toContain(reasonOf(answer));
    child.kill("SIGKILL");
    await ended;
  });
});
