import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { type Fault, faults, type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { ask, countAll, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

let space: TestSpace;
let node: RpcProxy;
let hospital: TcpProxy;
let store: TcpProxy;
let gateway: Gateway;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  hospital = await startTcpProxy(space.engines.hospitalUrl);
  store = await startTcpProxy(space.engines.storeUrl);
  gateway = await space.startGateway({}, { chainUrl: node.url, hospitalUrl: hospital.url, storeUrl: store.url });
  agreement = await space.conclude();
});
afterEach(() => {
  node.misbehave(undefined);
  hospital.alterAnswers();
  store.alterAnswers();
});
afterAll(async () => {
  await Promise.all([node.stop(), hospital.stop(), store.stop()]);
  await space.stop();
});

const appended = async (): Promise<number> =>
  ((await (await fetch(`${gateway.url}/v1/log`)).json()) as { appended: number }).appended;

/** A node that tells `act` of each question to the policy, counted from 1, before its answer leaves. `act` gives false to fail it. */
function watchQuestions(act: (nth: number) => Promise<unknown>): () => number {
  let asked = 0;
  const policy = space.founded.space.manifest.contracts.UsagePolicy.address.toLowerCase();
  const serve = async (...[call, honest, response]: Parameters<Fault>): Promise<void> => {
    const { to } = (call.params[0] ?? {}) as { readonly to?: string };
    if (to?.toLowerCase() === policy && (await act(++asked)) === false) faults.status500(call, honest, response);
    else response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result: honest }));
  };
  node.misbehave((...answer) => void serve(...answer), ["eth_call"]);
  return () => asked;
}

/** With a block between any two questions no answer is known from before. */
const mine = (): Promise<unknown> => space.founded.space.send("evm_mine", []);

const suspend = (id: AgreementId): Promise<unknown> =>
  write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", "suspend", [id, "test"]);

describe("the policy", () => {
  it("is asked before the statement is read, before the query, after it, and before the answer leaves", async () => {
    const asked = watchQuestions(mine);
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
    expect(asked()).toBe(4);
  });

  it.each([
    [1, "before the check"],
    [2, "between check and query"],
    [3, "between query and entry"],
  ])("suspendedInTheMiddle, after answer %i, %s: no data", async (stopAt) => {
    const fresh = await space.conclude();
    watchQuestions((nth) => (nth === stopAt ? suspend(fresh) : mine()));
    const answer = await ask(space, gateway, fresh);
    expect(reasonOf(answer)).toBe("AgreementSuspended");
    expect(answer).not.toHaveProperty("result");
  });

  it.each([1, 2, 3, 4])("that fails at question %i releases nothing, and an entry stands", async (failAt) => {
    const before = await appended();
    watchQuestions(async (nth) => nth !== failAt && mine());
    const answer = await ask(space, gateway, agreement);
    expect(reasonOf(answer)).toBe("ChainUnavailable");
    expect(answer).not.toHaveProperty("result");
    expect(await appended()).toBe(before + 1);
  });
});

describe("a hospital's database", () => {
  it.each([
    ["whose answer is lost", () => hospital.alterAnswers(() => void hospital.cut())],
    ["that answers with rubbish", () => hospital.alterAnswers(() => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    ["that says nothing more", () => hospital.alterAnswers(() => undefined)],
  ] as const)("%s: no data, an entry, and soon served again, for small results and large", async (_name, spoil) => {
    const large = await space.conclude({ disclosure: "Deidentified", maxRows: 5_000n });
    spoil();
    const [answer, rows] = await Promise.all([
      ask(space, gateway, agreement, { statement: countAll }),
      ask(space, gateway, large, { statement: "SELECT sex FROM newborns" }),
    ]);
    expect(reasonOf(rows)).toBe("QueryFailed");
    expect(answer).not.toHaveProperty("result");
    expect(answer.entry).toMatchObject({ outcome: "Failed", reason: "QueryFailed", result: null });
    hospital.alterAnswers();
    await expect.poll(async () => reasonOf(await ask(space, gateway, agreement))).toBeUndefined();
  });
});

describe("a journal", () => {
  it.each([
    ["whose answer to the commit is lost", () => store.loseAnswerTo("append")],
    ["that answers with rubbish", () => store.alterAnswers(() => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    ["that says nothing more", () => store.alterAnswers(() => undefined)],
  ] as const)("%s: no data, and the log goes on without a gap", async (_name, spoil) => {
    const before = await appended();
    spoil();
    const refused = await fetch(`${gateway.url}/v1/usage`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(sign(space, gateway, agreement)),
    });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "JournalUnavailable" });
    store.alterAnswers();
    await expect.poll(() => ask(space, gateway, agreement).then(reasonOf, () => "refused")).toBeUndefined();
    // the entry whose answer was lost stands, once; what came after it stands too
    const last = await ask(space, gateway, agreement);
    expect(last.receipt.index).toBeGreaterThanOrEqual(before + 2);
    expect(await appended()).toBe(last.receipt.index + 1);
  });
});
