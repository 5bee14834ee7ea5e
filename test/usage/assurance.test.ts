import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../server/api/client.ts";
import type { UsageAnswer } from "../../server/api/usage.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { resetClock, shiftClock } from "../support/clock.ts";
import { ask, reasonOf, sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
});
afterAll(() => space.stop());

async function onStore(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const anchoredSize = async (): Promise<number> => {
  const log = (await (await fetch(`${gateway.url}/v1/log`)).json()) as { anchored: { size: number } | null };
  return log.anchored?.size ?? 0;
};

it("under assurance Anchored, an answer leaves only once its entry is anchored", async () => {
  const agreement = await space.conclude({ assurance: "Anchored" });
  const { receipt } = await ask(space, gateway, agreement);
  expect(await anchoredSize()).toBeGreaterThan(receipt.index);
});

it("under assurance Anchored, the last use is answered too, although the chain has counted it by then", async () => {
  const agreement = await space.conclude({ assurance: "Anchored", maxUses: 1n });
  expect(reasonOf(await ask(space, gateway, agreement))).toBeUndefined();
  expect(reasonOf(await ask(space, gateway, agreement))).toBe("UsesExhausted");
});

it("each use is counted once, whether or not it is anchored yet", async () => {
  const agreement = await space.conclude({ maxUses: 4n });
  const reasons: (string | undefined)[] = [];
  for (let use = 0; use < 5; use += 1) reasons.push(reasonOf(await ask(space, gateway, agreement)));
  expect(reasons).toEqual([undefined, undefined, undefined, undefined, "UsesExhausted"]);
});

it("a replacing agreement goes on counting uses where the replaced one stopped, and ends it", async () => {
  const first = await space.conclude({ maxUses: 2n });
  expect(reasonOf(await ask(space, gateway, first))).toBeUndefined();
  const second = await space.conclude({ maxUses: 2n, replaces: first });
  expect(reasonOf(await ask(space, gateway, first))).toBe("AgreementTerminated");
  expect(reasonOf(await ask(space, gateway, second))).toBeUndefined();
  expect(reasonOf(await ask(space, gateway, second))).toBe("UsesExhausted");
});

it("under disclosure Deidentified, record numbers leave as pseudonyms that differ between agreements", async () => {
  const statement = "SELECT patient_id, sex FROM newborns LIMIT 100";
  const pseudonyms = async () => {
    const agreement = await space.conclude({ disclosure: "Deidentified" });
    const answer = await ask(space, gateway, agreement, { statement });
    if (!("result" in answer)) throw new Error(answer.code);
    return answer.result.rows.map(([id]) => String(id));
  };
  const [one, other] = [await pseudonyms(), await pseudonyms()];
  expect(one.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(one.filter((id) => other.includes(id))).toEqual([]);
});

it("a delegate of the assignee may ask until it is revoked", async () => {
  const { write } = await import("../../server/chain/write.ts");
  const { Wallet } = await import("ethers");
  const { space: chain, wallet } = space.founded;
  const agreement = await space.conclude();
  const delegate = new Wallet(Wallet.createRandom().privateKey);
  const founded = { ...space.founded, wallet: (key: string) => (key === "delegate" ? delegate : wallet(key)) };
  const asDelegate = async () => reasonOf(await ask({ ...space, founded }, gateway, agreement, { key: "delegate" }));
  expect(await asDelegate()).toBe("SignerUnknown");
  const until = Math.floor(Date.now() / 1_000) + 600;
  await write(chain, wallet("device-maker"), "ParticipantRegistry", "authorizeDelegate", [delegate.address, until]);
  expect(await asDelegate()).toBeUndefined();
  await write(chain, wallet("device-maker"), "ParticipantRegistry", "revokeDelegate", [delegate.address]);
  expect(await asDelegate()).toBe("SignerUnknown");
});

it("who lost an answer gets entry and receipt again by the request's digest, and they verify", async () => {
  const agreement = await space.conclude();
  const signed = sign(space, gateway, agreement, { purpose: "DUO:0000042" });
  const { entry } = await createClient(gateway.url).use(signed);
  const again = (await (await fetch(`${gateway.url}/v1/requests/${entry.request}`)).json()) as Pick<
    Evidence,
    "entry" | "receipt"
  >;
  expect(again.entry).toEqual(entry);
  const checked = await verifyEvidence(space.founded.space, { signed, ...again }, 120_000);
  expect(checked.filter(({ problem }) => problem !== undefined)).toEqual([]);
});

describe("a receipt that is asked for again", () => {
  const again = async (request: string): Promise<Response> => fetch(`${gateway.url}/v1/requests/${request}`);

  it("is the very promise that was made, also after a restart and under another setting", async () => {
    const agreement = await space.conclude();
    const answers: UsageAnswer[] = [];
    while (!answers.some(({ receipt }) => receipt.count > 1))
      answers.push(...(await Promise.all(Array.from({ length: 12 }, () => ask(space, gateway, agreement)))));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (const { entry, receipt } of answers)
      expect(await (await again(entry.request)).json()).toEqual({ entry, receipt });
    await gateway.stop();
    gateway = await space.startGateway({ DATAPACT_PROMISE_SECONDS: "7200" });
    for (const { entry, receipt } of answers)
      expect(await (await again(entry.request)).json()).toEqual({ entry, receipt });
  });

  it("is refused if somebody put its deadline off in the store", async () => {
    const agreement = await space.conclude();
    const { entry } = await ask(space, gateway, agreement);
    await onStore("UPDATE datapact.promise SET deadline = deadline + 1");
    expect((await again(entry.request)).status).toBe(503);
    await onStore("UPDATE datapact.promise SET deadline = deadline - 1");
    expect((await again(entry.request)).status).toBe(200);
  });

  it("of an entry whose promise no release has kept is dated from the entry, the same each time", async () => {
    const agreement = await space.conclude();
    const { entry } = await ask(space, gateway, agreement);
    await onStore("DELETE FROM datapact.promise");
    const first = (await (await again(entry.request)).json()) as Pick<Evidence, "receipt">;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await (await again(entry.request)).json()).toEqual({ entry, receipt: first.receipt });
    expect(Math.abs(first.receipt.issuedAt - Date.parse(entry.time) / 1_000)).toBeLessThan(2);
  });
});

it("after a restart the log goes on with the next index, and a request that was answered before stays answered", async () => {
  const agreement = await space.conclude();
  await gateway.stop();
  gateway = await space.startGateway();
  const signed = sign(space, gateway, agreement);
  const before = await createClient(gateway.url).use(signed);
  await gateway.stop();
  gateway = await space.startGateway();
  const replayed = await createClient(gateway.url).use(signed);
  expect(reasonOf(replayed)).toBe("RequestReplayed");
  expect(replayed.receipt.index).toBe(before.receipt.index + 1);
});

it("an entry that somebody rewrote in the store gets no receipt, and the gateway does not start on it", async () => {
  const { default: pg } = await import("pg");
  const { canonicalBytes } = await import("../../server/domain/entry.ts");
  const agreement = await space.conclude();
  const { entry, receipt } = await ask(space, gateway, agreement);
  const rewrite = async (body: unknown): Promise<void> => {
    const client = new pg.Client({ connectionString: space.engines.storeUrl });
    await client.connect();
    const values = [canonicalBytes(body).toString(), receipt.index];
    await client
      .query(
        "UPDATE datapact.entry SET body = $1::text, digest = sha256(convert_to($1::text, 'UTF8')) WHERE index = $2",
        values,
      )
      .finally(() => client.end());
  };
  await expect.poll(anchoredSize).toBeGreaterThan(receipt.index);
  await rewrite({ ...entry, purpose: "DUO:0000042" });
  const answer = await fetch(`${gateway.url}/v1/requests/${entry.request}`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain("signature");
  await gateway.stop();
  await expect(space.startGateway()).rejects.toThrow(/root over \d+ entries is not the journal's/);
  await rewrite(entry);
  gateway = await space.startGateway();
  expect((await fetch(`${gateway.url}/v1/requests/${entry.request}`)).status).toBe(200);
});

it("a request from the future stays taken across a restart for as long as it is fresh", async () => {
  const agreement = await space.conclude();
  shiftClock(290);
  const signed = sign(space, gateway, agreement);
  resetClock();
  expect(reasonOf(await createClient(gateway.url).use(signed))).toBeUndefined();
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  await client.query("UPDATE datapact.entry SET appended_at = now() - interval '400 seconds'");
  await client.end();
  await gateway.stop();
  gateway = await space.startGateway();
  expect(reasonOf(await createClient(gateway.url).use(signed))).toBe("RequestReplayed");
});
