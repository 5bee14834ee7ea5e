import { getBytes, Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { fromHex } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { signDigest } from "../../server/domain/signature.ts";
import { createRequestHasher } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { ask, countAll, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let node: RpcProxy;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  node = await startRpcProxy(space.engines.chainUrl);
  agreement = await space.conclude();
});
afterEach(() => takes(true));
afterAll(async () => {
  await node.stop();
  await space.stop();
});

/** Whether the chain takes what is to be anchored. */
const takes = (on: boolean): void => node.refuse(...(on ? [] : ["eth_sendRawTransaction"]));

const appended = async ({ url }: Gateway): Promise<number> =>
  ((await (await fetch(`${url}/v1/log`)).json()) as { appended: number }).appended;

/** Space in which "stranger" signs with a key that nobody knows, another one each time. */
const withStrangers = (): TestSpace => {
  const { founded } = space;
  const wallet = (key: string) =>
    key === "stranger" ? new Wallet(Wallet.createRandom().privateKey) : founded.wallet(key);
  return { ...space, founded: { ...founded, wallet } };
};

it("keys that nobody knows may not fill the log, and do not keep those who are known from asking", async () => {
  const gateway = await space.startGateway({ DATAPACT_STRANGERS_PER_SECOND: "5" });
  const before = await appended(gateway);
  const strangers = withStrangers();
  const started = performance.now();
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, () => ask(strangers, gateway, agreement, { key: "stranger" })),
  );
  const seconds = Math.ceil((performance.now() - started) / 1_000);
  const recorded = answers.filter(({ status }) => status === "fulfilled").length;
  expect(recorded).toBeGreaterThan(0);
  expect(recorded).toBeLessThanOrEqual(5 * (seconds + 1));
  expect(await appended(gateway)).toBe(before + recorded);
  for (const answer of answers) {
    if (answer.status === "fulfilled") expect(reasonOf(answer.value)).toBe("SignerUnknown");
    else expect(answer.reason).toMatchObject({ name: "ApiProblem", status: 429 });
  }
  expect(reasonOf(await ask(space, gateway, agreement))).toBeUndefined();
  expect(reasonOf(await ask(space, gateway, agreement, { purpose: "DUO:0000042" }))).toBe("PurposeMismatch");
  await gateway.stop();
});

it("one key may ask so often, and what is beyond leaves no trace and says when to come back", async () => {
  const gateway = await space.startGateway({ DATAPACT_REQUESTS_PER_SECOND: "3" });
  await ask(space, gateway, agreement); // with it goes the entry of the changed settings
  const before = await appended(gateway);
  const started = performance.now();
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => ask(space, gateway, agreement)));
  const seconds = Math.ceil((performance.now() - started) / 1_000);
  const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
  expect(answers.length - refused.length).toBeLessThanOrEqual(3 * (seconds + 1));
  for (const error of refused) expect(error).toMatchObject({ name: "ApiProblem", status: 429 });
  expect(await appended(gateway)).toBe(before + answers.length - refused.length);
  const response = await Promise.all(
    Array.from({ length: 40 }, () =>
      fetch(`${gateway.url}/v1/usage`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(sign(space, gateway, agreement)),
      }),
    ),
  );
  const late = response.find(({ status }) => status === 429);
  expect(Number(late?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(await late?.json()).toMatchObject({ status: 429, code: "TooManyRequests" });
  await gateway.stop();
});

it("an answer that waits for the chain longer than a request may is fetched by sending the same request again", async () => {
  const gateway = await space.startGateway({ DATAPACT_ANCHORED_WAIT_SECONDS: "1" }, { chainUrl: node.url });
  const patient = await space.conclude({ assurance: "Anchored" });
  takes(false);
  const signed = sign(space, gateway, patient);
  const first = await createClient(gateway.url).use(signed);
  expect(reasonOf(first)).toBe("AnchorOverdue");
  const thief = signDigest(
    fromHex(createRequestHasher(space.founded.space.domainOf("UsagePolicy"))(signed.request)),
    getBytes(space.founded.wallet("insurer").privateKey),
  );
  const stolen = await createClient(gateway.url).use({ ...signed, signature: thief });
  expect(stolen).not.toHaveProperty("result");
  const before = await appended(gateway);
  takes(true);
  let last = first;
  await expect
    .poll(async () => {
      last = await createClient(gateway.url).use(signed);
      return reasonOf(last);
    })
    .toBeUndefined();
  expect(last).toHaveProperty("result");
  expect(last.entry).toEqual(first.entry);
  expect(last.receipt).toEqual(first.receipt);
  expect(await appended(gateway)).toBe(before);
  expect(reasonOf(await createClient(gateway.url).use(signed))).toBe("RequestReplayed");
  await gateway.stop();
});

it("an answer that waited is not released once the agreement is suspended", async () => {
  const gateway = await space.startGateway({ DATAPACT_ANCHORED_WAIT_SECONDS: "600" }, { chainUrl: node.url });
  await ask(space, gateway, agreement); // with it goes the entry of the changed settings
  const patient = await space.conclude({ assurance: "Anchored" });
  takes(false);
  const before = await appended(gateway);
  const waiting = ask(space, gateway, patient, { statement: countAll });
  await expect.poll(() => appended(gateway)).toBe(before + 1);
  await write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", "suspend", [patient, ""]);
  takes(true);
  const answer = await waiting;
  expect(reasonOf(answer)).toBe("AgreementSuspended");
  expect(answer).not.toHaveProperty("result");
  await gateway.stop();
});
