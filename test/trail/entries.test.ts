import { setTimeout as sleep } from "node:timers/promises";
import { Wallet } from "ethers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concludeAgreement, demoTerms } from "../../scripts/demo/story.ts";
import { ApiProblem, type Client, createClient } from "../../server/api/client.ts";
import type { EntryItem } from "../../server/api/entries.ts";
import { admit } from "../../server/client/participants.ts";
import { signIn } from "../../server/client/signIn.ts";
import { signRequest } from "../../server/client/usage.ts";
import { canonicalBytes, entryDigest } from "../../server/domain/entry.ts";
import { fromHex, sha256, toHex } from "../../server/domain/hash.ts";
import type { Address, AgreementId, Hash } from "../../server/domain/ids.ts";
import { rootFromPath } from "../../server/domain/merkle.ts";
import { agreementId } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import {
  ask,
  countAll,
  insurersPurpose,
  purpose,
  startTestSpace,
  type TestSpace,
  withoutRounds,
} from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
let other: AgreementId;
let regulator: Client;
let hospital: Client;
let consumer: Client;
let insurer: Client;
let otherHospital: Client;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway(withoutRounds);
  agreement = await space.conclude();
  other = await space.conclude();
  const { space: chain, wallet } = space.founded;
  const outsider = new Wallet(Wallet.createRandom().privateKey);
  await admit(chain, wallet("commission"), {
    name: "Another hospital",
    registrationNumber: "HOS-2",
    roles: ["Hospital"],
    key: outsider.address.toLowerCase() as Address,
    hospital: undefined,
  });
  const signedIn = (key: Wallet): Promise<Client> => signIn(gateway.url, key, chain.manifest.chainId);
  [regulator, hospital, consumer, insurer, otherHospital] = (await Promise.all(
    [wallet("commission"), wallet("hospital"), wallet("device-maker"), wallet("insurer"), outsider].map(signedIn),
  )) as [Client, Client, Client, Client, Client];
  for (let i = 0; i < 7; i += 1) await ask(space, gateway, agreement);
  await ask(space, gateway, other);
  await ask(space, gateway, agreement, { purpose: insurersPurpose });
  await ask(space, gateway, agreement, { key: "insurer" });
  await ask(space, gateway, agreement, { statement: "SELECT * FROM secrets" });
  await ask(space, gateway, `0x${"12".repeat(32)}` as AgreementId, { key: "hospital" });
  await agreementsKnown();
});
afterAll(() => space.stop());

async function agreementsKnown(): Promise<void> {
  while (((await regulator.agreements().catch(() => undefined))?.items.length ?? 0) < 2) await sleep(50);
}

async function query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  const { rows } = await client.query<T>(sql, values);
  await client.end();
  return rows;
}

const uses = async (client: Client, filter: Record<string, string> = {}): Promise<EntryItem[]> =>
  (await client.entries({ kind: "Usage", limit: "200", ...filter } as never)).items;

const problemOf = (asked: Promise<unknown>): Promise<ApiProblem> =>
  asked.then(
    () => Promise.reject(new Error("it was answered")),
    (error: unknown) => (error instanceof ApiProblem ? error : Promise.reject(error as Error)),
  );

const appended = async (): Promise<number> => (await regulator.log()).appended;

/** Who should see how many of the twelve uses. */
describe("the entries of a log", () => {
  it("are all a regulator's and the hospital's, the consumer's its own, and nobody else's", async () => {
    expect((await uses(regulator)).length).toBe(12);
    expect((await uses(hospital)).length).toBe(12);
    expect((await uses(consumer)).map(({ participant }) => participant?.name)).toEqual(
      Array.from({ length: 10 }, () => "Demo Bilirubin Meter Maker"),
    );
    expect((await uses(insurer)).map(({ entry }) => entry.type === "datapact/entry/1" && entry.reason)).toEqual([
      "SignerUnknown",
    ]);
    expect(await uses(otherHospital)).toEqual([]);
    expect(await problemOf(createClient(gateway.url).entries())).toMatchObject({ status: 401, code: "SessionMissing" });
    const own = await signIn(gateway.url, space.founded.wallet("gateway"), space.founded.space.manifest.chainId);
    expect(await problemOf(own.entries())).toMatchObject({ status: 403, code: "RoleMissing" });
  });

  it("cannot be had by naming somebody else in the filter", async () => {
    const theirs = space.founded.id("device-maker");
    expect((await uses(insurer, { participant: theirs })).length).toBe(0);
    expect((await uses(insurer, { agreement: other })).length).toBe(0);
    expect((await uses(otherHospital, { hospital: space.founded.id("hospital") })).length).toBe(0);
  });

  it("foreignIndex: another's entry looks like none", async () => {
    const [mine] = await uses(consumer);
    const index = String(mine?.index);
    expect((await consumer.entry({ index })).item).toEqual(mine);
    const foreign = await problemOf(insurer.entry({ index }));
    const none = await problemOf(insurer.entry({ index: "999999" }));
    expect([foreign.status, foreign.code, foreign.message]).toEqual([none.status, none.code, none.message]);
    expect(foreign.status).toBe(404);
  });

  it("come with a receipt, the proof once they are anchored, and what the chain calls those in them", async () => {
    const [item] = await uses(regulator, { agreement: other });
    const index = String(item?.index);
    const state = async (): Promise<string> => (await regulator.entry({ index })).item.state;
    await expect.poll(state).toBe("Anchored");
    const shown = await regulator.entry({ index });
    expect(shown.item).toMatchObject({
      dataset: { id: space.dataset.id, name: "neonatal-jaundice" },
      participant: { id: space.founded.id("device-maker") },
    });
    expect(shown.receipt).toMatchObject({ index: Number(index), entry: entryDigest(shown.item.entry as never) });
    const { proof } = shown;
    if (proof === null) throw new Error("there is no proof");
    const root = rootFromPath(
      fromHex(shown.receipt.entry),
      proof.index,
      proof.size,
      proof.path.map((node) => fromHex(node as Hash)),
    );
    expect(root && toHex(root)).toBe(proof.root);
  });
});

describe("a search", () => {
  it.each([
    ["agreement", () => ({ agreement: other }), 1],
    ["participant", () => ({ participant: space.founded.id("device-maker") }), 10],
    ["dataset", () => ({ dataset: space.dataset.id }), 11],
    ["purpose", () => ({ purpose: insurersPurpose }), 1],
    ["the agreement's purpose", () => ({ purpose }), 11],
    ["outcome", () => ({ outcome: "Denied" }), 4],
    ["reason", () => ({ reason: "PurposeMismatch" }), 1],
    ["reason and agreement", () => ({ reason: "PurposeMismatch", agreement: other }), 0],
    ["this hospital", () => ({ hospital: space.founded.id("hospital") }), 12],
    ["another hospital", () => ({ hospital: space.founded.id("insurer") }), 0],
    ["another gateway", () => ({ gateway: space.founded.id("hospital") }), 0],
    ["times before", () => ({ until: "2020-01-01T00:00:00Z" }), 0],
    ["times after", () => ({ from: "2020-01-01T00:00:00Z" }), 12],
  ] as const)("by %s finds what it means", async (_name, filter, count) => {
    expect((await uses(regulator, filter() as Record<string, string>)).length).toBe(count);
  });

  it("by time is half-open to the millisecond", async () => {
    const all = await uses(regulator);
    const time = all[5]?.entry.time ?? "";
    const from = await uses(regulator, { from: time });
    const until = await uses(regulator, { until: time });
    expect(from.length + until.length).toBe(12);
    expect(from.every(({ entry }) => entry.time >= time)).toBe(true);
    expect(until.every(({ entry }) => entry.time < time)).toBe(true);
  });

  it("by the digest of a request finds it, for whom it concerns", async () => {
    const { entry } = await ask(space, gateway, agreement);
    expect((await uses(consumer, { request: entry.request })).map((item) => item.entry)).toEqual([entry]);
    expect(await uses(insurer, { request: entry.request })).toEqual([]);
    expect(await uses(regulator, { request: entry.request, reason: "PurposeMismatch" })).toEqual([]);
  });

  it("in pages finds the same, each once, newest first", async () => {
    for (const filter of [{ kind: "Usage" }, { kind: "Usage", agreement }] as const) {
      const whole = (await regulator.entries({ ...filter, limit: "200" })).items.map(({ index }) => index);
      expect(whole).toEqual(whole.toSorted((a, b) => b - a));
      const paged: number[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await regulator.entries({ ...filter, limit: "3", ...(cursor === undefined ? {} : { cursor }) });
        paged.push(...page.items.map(({ index }) => index));
        if (page.next === null) break;
        cursor = page.next;
      }
      expect(paged).toEqual(whole);
    }
    expect(await problemOf(regulator.entries({ cursor: "bm9uZQ" }))).toMatchObject({ status: 400 });
  });
});

describe("reading the trail", () => {
  it("is an entry itself: who, what for, how many and when; told to regulator, hospital and whoever read", async () => {
    const before = await appended();
    const filter = { kind: "Usage", reason: "PurposeMismatch" } as const;
    const page = await consumer.entries(filter);
    expect(await appended()).toBe(before + 1);
    expect(page.reading).toBe(before);
    const { item } = await regulator.entry({ index: String(page.reading) });
    expect(item.entry).toMatchObject({
      type: "datapact/trail/1",
      act: "Searched",
      actor: space.founded.id("device-maker"),
      signer: space.founded.wallet("device-maker").address.toLowerCase(),
      subject: toHex(sha256(canonicalBytes(filter))),
      entries: 1,
    });
    expect((await hospital.entries({ kind: "Trail" })).items.some(({ index }) => index === page.reading)).toBe(true);
    expect((await consumer.entries({ kind: "Trail" })).items.some(({ index }) => index === page.reading)).toBe(true);
    const others = (await insurer.entries({ kind: "Trail" })).items;
    expect(others.some(({ index }) => index === page.reading)).toBe(false);
  });

  it("once covers all pages of one search, and what is new is another reading", async () => {
    const filter = { kind: "Usage", outcome: "Permitted" } as const;
    const first = await regulator.entries({ ...filter, limit: "2" });
    const before = await appended();
    const second = await regulator.entries({ ...filter, limit: "2", cursor: first.next ?? "" });
    expect(second.reading).toBe(first.reading);
    expect((await regulator.entries({ ...filter, limit: "2" })).reading).toBe(first.reading);
    expect(await appended()).toBe(before);
    await ask(space, gateway, agreement);
    const third = await regulator.entries({ ...filter, limit: "2" });
    expect(third.reading).toBeGreaterThan(first.reading);
    const again = await regulator.entry({ index: String(third.items[0]?.index) });
    expect((await regulator.entry({ index: String(third.items[0]?.index) })).reading).toBe(again.reading);
    expect(again.reading).toBeGreaterThan(third.reading);
  });

  it("another session, or another filter, is another reading", async () => {
    const filter = { kind: "Usage", outcome: "Permitted", purpose } as const;
    const { reading } = await regulator.entries(filter);
    expect((await regulator.entries({ ...filter, agreement })).reading).toBeGreaterThan(reading);
    const { manifest } = space.founded.space;
    const elsewhere = await signIn(gateway.url, space.founded.wallet("commission"), manifest.chainId);
    expect((await elsewhere.entries(filter)).reading).toBeGreaterThan(reading);
  });

  it("uses no agreement up: the chain counts uses alone", async () => {
    const { size } = await space.founded.space.reader.log(gateway.id, (await space.founded.space.readHead()).hash);
    expect(size).toBeGreaterThan(0);
    const permitted = (await uses(regulator, { outcome: "Permitted", agreement })).length;
    const used = async (): Promise<number> => Number((await regulator.agreement({ id: agreement })).agreement.uses);
    await expect.poll(used).toBe(permitted);
  });

  it("that cannot be recorded shows nothing", async () => {
    await query("ALTER TABLE datapact.entry ADD CONSTRAINT full_disk CHECK (false) NOT VALID");
    const problem = await problemOf(regulator.entries({ outcome: "Failed", kind: "Usage" }));
    expect(problem).toMatchObject({ status: 503, code: "JournalUnavailable" });
    await query("ALTER TABLE datapact.entry DROP CONSTRAINT full_disk");
    await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    expect((await regulator.entries({ outcome: "Failed", kind: "Usage" })).items).toEqual([]);
  });

  it("alteredRow: shows no entry that is not the one that was appended", async () => {
    const [item] = await uses(regulator, { agreement: other });
    await expect.poll(async () => (await regulator.log()).anchored?.size).toBeGreaterThan(item?.index ?? 0);
    const change = (from: string, to: string) =>
      query("UPDATE datapact.entry SET body = replace(body, $2, $3) WHERE index = $1", [item?.index, from, to]);
    await change('"outcome":"Permitted"', '"outcome":"Denied"   ');
    expect(await problemOf(regulator.entries({ agreement: other }))).toMatchObject({ code: "JournalUnavailable" });
    expect(await problemOf(regulator.entry({ index: String(item?.index) }))).toMatchObject({ status: 503 });
    await change('"outcome":"Denied"   ', '"outcome":"Permitted"');
    expect((await uses(regulator, { agreement: other })).length).toBe(1);
  });
});

describe("what searches read", () => {
  const dump = async (): Promise<string> => {
    const places = await query(
      `SELECT kind, act, outcome, reason, signer, agreement, purpose, at, index
       FROM datapact.entry_place JOIN datapact.entry_facet ON id = facet ORDER BY index`,
    );
    const counts = await query(
      `SELECT day::text, kind, act, outcome, reason, signer, agreement, purpose, entries
       FROM datapact.entry_count JOIN datapact.entry_facet ON id = facet ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`,
    );
    return JSON.stringify([places, counts]);
  };

  it("is made anew from the journal alone, the same", async () => {
    await regulator.entries();
    await regulator.entryCounts();
    const before = await dump();
    await query(
      "TRUNCATE datapact.entry_place, datapact.entry_count, datapact.entry_facet; UPDATE datapact.entry_indexed SET size = 0",
    );
    await expect.poll(async () => (await dump()) === before).toBe(true);
  });

  it("learns of keys and agreements after their entries, and finds those by them", async () => {
    const { space: chain, wallet } = space.founded;
    const late = new Wallet(Wallet.createRandom().privateKey);
    const terms = demoTerms(space.founded, space.dataset);
    const coming = agreementId(terms, chain.domainOf("AgreementRegistry"));
    const request = signRequest(late, chain.domainOf("UsagePolicy"), {
      gateway: gateway.id,
      agreement: coming,
      purpose,
      statement: countAll,
    });
    const answer = await createClient(gateway.url).use(request);
    expect("code" in answer && answer.code).toBe("AgreementUnknown");
    const counted = async (): Promise<number> =>
      (await regulator.entryCounts({ kind: "Usage" })).items.reduce((sum, { count }) => sum + count, 0);
    expect(await uses(regulator, { agreement: coming })).toEqual([]);
    const before = await counted();

    await admit(chain, wallet("commission"), {
      name: "Another consumer",
      registrationNumber: "CON-9",
      roles: ["Consumer"],
      key: late.address.toLowerCase() as Address,
      hospital: undefined,
    });
    expect(await concludeAgreement(space.founded, terms)).toBe(coming);
    const lateConsumer = await signIn(gateway.url, late, chain.manifest.chainId);
    const found = async (client: Client, filter = {}): Promise<unknown[]> =>
      (await uses(client, filter)).map(({ entry }) => "request" in entry && entry.request);
    const digest = "entry" in answer && answer.entry.request;
    await expect.poll(() => found(lateConsumer)).toEqual([digest]);
    await expect.poll(() => found(regulator, { agreement: coming })).toEqual([digest]);
    const [mine] = await uses(lateConsumer);
    expect(mine?.participant?.name).toBe("Another consumer");
    expect(await found(regulator, { participant: mine?.participant?.id })).toEqual([digest]);
    expect(await found(insurer, { agreement: coming })).toEqual([]);
    expect(await counted()).toBe(before);
    expect((await lateConsumer.entryCounts({ kind: "Usage" })).items).toMatchObject([{ count: 1 }]);
    expect(await query("SELECT * FROM datapact.entry_count WHERE entries < 1")).toEqual([]);
    const kept = await dump();
    await query(
      "TRUNCATE datapact.entry_place, datapact.entry_count, datapact.entry_facet; UPDATE datapact.entry_indexed SET size = 0",
    );
    await expect.poll(async () => (await dump()) === kept).toBe(true);
  });

  it("has no facet of what strangers made up", async () => {
    const facets = async (): Promise<number> =>
      Number((await query<{ count: string }>("SELECT count(*) FROM datapact.entry_facet"))[0]?.count);
    await regulator.entryCounts();
    const before = await facets();
    for (let i = 0; i < 5; i += 1)
      await ask(space, gateway, toHex(sha256(Buffer.from(`made up ${i}`))), {
        purpose: `made-up:${i}`,
        key: "deployer",
      });
    await regulator.entryCounts();
    expect((await facets()) - before).toBeLessThanOrEqual(1);
    for (let i = 0; i < 60; i += 1) await ask(space, gateway, agreement, { purpose: `made-up:${i}` });
    await regulator.entryCounts();
    expect((await facets()) - before).toBeLessThanOrEqual(53);
    expect((await uses(regulator, { purpose: "made-up:3" })).length).toBe(1);
    expect((await uses(regulator, { reason: "PurposeMismatch" })).length).toBe(61);
  });
});

describe("counts", () => {
  it("tell each day's entries apart, each participant its own", async () => {
    await ask(space, gateway, agreement, { statement: countAll });
    const permitted = (await uses(regulator, { outcome: "Permitted" })).length;
    const counted = async (client: Client, by: string): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await client.entryCounts({ by, kind: "Usage" } as never)).items.map(({ key, count }) => [String(key), count]),
      );
    expect((await counted(regulator, "outcome")).Permitted).toBe(permitted);
    expect((await counted(regulator, "agreement"))[other]).toBe(1);
    expect((await counted(consumer, "outcome")).Permitted).toBe(permitted);
    expect(await counted(insurer, "reason")).toEqual({ SignerUnknown: 1 });
    expect(await counted(otherHospital, "outcome")).toEqual({});
    const byConsumer = (await regulator.entryCounts({ by: "participant", outcome: "Permitted" })).items;
    expect(byConsumer).toMatchObject([{ key: space.founded.id("device-maker"), name: "Demo Bilirubin Meter Maker" }]);
    expect((await regulator.entryCounts({ from: "2020-01-01", until: "2020-02-01" })).items).toEqual([]);
    expect(await problemOf(regulator.entryCounts({ from: "2000-01-01" }))).toMatchObject({ status: 400 });
  });

  it("are no reading: they show no entry and write none", async () => {
    const before = await appended();
    await regulator.entryCounts();
    await regulator.counts();
    expect(await appended()).toBe(before);
  });
});
