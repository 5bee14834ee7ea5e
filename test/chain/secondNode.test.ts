import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { type Fault, faults, type RpcProxy, staleHead, startRpcProxy } from "../support/rpcProxy.ts";
import { ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let first: RpcProxy;
let second: RpcProxy;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  first = await startRpcProxy(space.engines.chainUrl);
  second = await startRpcProxy(space.engines.chainUrl);
  gateway = await space.startGateway({ DATAPACT_CHAIN_SECOND_URL: second.url }, { chainUrl: first.url });
  agreement = await space.conclude();
});
afterEach(() => {
  first.misbehave(undefined);
  second.misbehave(undefined);
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await space.stop();
});

const change = async (method: "suspend" | "reinstate", args: readonly unknown[]): Promise<void> => {
  await write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", method, args);
};

/** Answers every `eth_call` as the chain would have at this block. */
const answersOf = (block: string): Fault => {
  const honest = space.engines.chainUrl;
  return (call, _honest, response) => {
    const [transaction] = call.params;
    const body = JSON.stringify({ ...call, jsonrpc: "2.0", params: [transaction, block] });
    void fetch(honest, { method: "POST", headers: { "content-type": "application/json" }, body })
      .then((answer) => answer.text())
      .then((text) => response.end(text));
  };
};

describe("two nodes that must agree (CHECKS 17, 50, 51, 59)", () => {
  it("while both are honest, a result leaves", async () => {
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });

  const { hang: _hang, ...quick } = faults;
  it.each(Object.entries(quick) as [string, Fault][])("%s at either node: nothing leaves", async (_name, fault) => {
    await change("suspend", [agreement, ""]);
    await change("reinstate", [agreement]);
    for (const node of [first, second]) {
      for (const method of ["eth_getBlockByNumber", "eth_call"]) {
        node.misbehave(fault, [method]);
        const answer = await ask(space, gateway, agreement);
        node.misbehave(undefined);
        expect(answer).not.toHaveProperty("result");
        expect(["ChainUnavailable", "ChainContradicted"]).toContain(reasonOf(answer));
      }
    }
  });

  it("a node that still permits what was suspended is contradicted, whichever of the two it is", async () => {
    const before = (await space.founded.space.send("eth_blockNumber", [])) as string;
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
    await change("suspend", [agreement, ""]);
    for (const node of [first, second]) {
      node.misbehave(answersOf(before), ["eth_call"]);
      expect(reasonOf(await ask(space, gateway, agreement))).toBe("ChainContradicted");
      node.misbehave(undefined);
    }
    expect(reasonOf(await ask(space, gateway, agreement))).toBe("AgreementSuspended");
    await change("reinstate", [agreement]);
  });

  it("a node that hides the newest block cannot hide what it holds", async () => {
    for (const node of [first, second]) {
      const old = await space.founded.space.send("eth_getBlockByNumber", ["latest", false]);
      await change("suspend", [agreement, ""]);
      node.misbehave(staleHead(old));
      expect(reasonOf(await ask(space, gateway, agreement))).toBe("AgreementSuspended");
      node.misbehave(undefined);
      await change("reinstate", [agreement]);
    }
  });

  it("a node on another fork is contradicted, and the gateway goes on when it is back", async () => {
    const head = (await space.founded.space.send("eth_getBlockByNumber", ["latest", false])) as Record<string, unknown>;
    const other: Fault = (call, _honest, response) =>
      response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result: { ...head, hash: `0x${"12".repeat(32)}` } }));
    second.misbehave(other, ["eth_getBlockByNumber"]);
    expect(reasonOf(await ask(space, gateway, agreement))).toBe("ChainContradicted");
    second.misbehave(undefined);
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  });
});
