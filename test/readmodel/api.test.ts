import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoTerms, policy, signAs } from "../../scripts/demo/story.ts";
import { ApiProblem, type Client, createClient } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { listAgreements as listOnChain, offer } from "../../server/client/agreements.ts";
import { zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId, Hash } from "../../server/domain/ids.ts";
import type { Terms } from "../../server/domain/terms.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { pass } from "../support/clock.ts";
import { answersLookedAt } from "../support/conforming.ts";
import { followed } from "../support/readModel.ts";
import { ask, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let client: Client;
const agreements: AgreementId[] = [];

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway();
  client = createClient(gateway.url);
  for (let i = 0; i < 5; i += 1) agreements.push(await space.conclude());
});
afterAll(() => space.stop());

const at = (index: number): AgreementId => agreements[index] as AgreementId;

const caughtUp = (): Promise<void> => followed(space, gateway);

const act = (
  key: string,
  contract: "AgreementRegistry" | "DatasetRegistry" | "ParticipantRegistry",
  method: string,
  args: unknown[],
) => write(space.founded.space, space.founded.wallet(key), contract, method, args);

async function offered(change: Partial<Terms>): Promise<{ id: AgreementId; terms: Terms }> {
  const terms = demoTerms(space.founded, space.dataset, change);
  return { id: await offer(space.founded.space, space.founded.wallet("device-maker"), terms, policy), terms };
}

/** Every agreement has the status that its contract gives it at the same block. */
async function expectSameStatus(): Promise<Record<string, number>> {
  // the newest block's time is what the contract goes by: let it be now
  await space.founded.space.send("evm_mine", []);
  await caughtUp();
  const told = new Map(
    (await client.agreements({ limit: "200" })).items.map(({ id, status, uses }) => [id, { status, uses }]),
  );
  const onChain = await listOnChain(space.founded.space);
  expect(told.size).toBe(onChain.length);
  for (const { id, status, uses } of onChain) expect(told.get(id), id).toEqual({ status, uses: String(uses) });
  return Object.fromEntries(
    Object.entries(Object.groupBy(onChain, ({ status }) => status)).map(([name, all]) => [name, all?.length]) as never,
  );
}

describe("participants, datasets and agreements", () => {
  it("stand in the read API as the chain has them", async () => {
    await caughtUp();
    const participants = await client.participants();
    expect(participants.items.map(({ registrationNumber, roles }) => [registrationNumber, roles])).toEqual([
      ["DEMO-REG-0001", ["Regulator"]],
      ["DEMO-HOS-0001", ["Hospital"]],
      ["DEMO-HOS-0001/1", ["Gateway"]],
      ["DEMO-CON-0001", ["Consumer"]],
      ["DEMO-CON-0002", ["Consumer"]],
    ]);
    expect(participants.items[2]?.hospital?.name).toBe("Demo Women's and Children's Hospital");
    const { dataset } = await client.dataset({ id: space.dataset.id });
    expect(dataset).toMatchObject({
      name: "neonatal-jaundice",
      status: "Active",
      descriptionHash: space.dataset.descriptionHash,
    });
    expect(dataset.description).toEqual(space.dataset.description);
    expect(dataset.rules).toEqual(space.dataset.rules);
    const { agreement } = await client.agreement({ id: at(0) });
    expect(agreement).toMatchObject({ status: "InForce", policy, pending: [], lineage: at(0), uses: "0" });
    expect(agreement.fields?.length).toBe(13);
    expect(agreement.fields?.[0]).toMatchObject({ table: "newborns", name: "patient_id", level: "Linking" });
    expect(agreement.signatures.map(({ capacity, signer }) => [capacity, signer.name])).toEqual([
      ["Assigner", "Demo Women's and Children's Hospital"],
      ["Assignee", "Demo Bilirubin Meter Maker"],
      ["Regulator", "Demo Health Commission"],
    ]);
  });

  it("tell who must still sign", async () => {
    const { id, terms } = await offered({});
    const pending = async () => {
      await caughtUp();
      return (await client.agreement({ id })).agreement.pending.map(({ capacity }) => capacity);
    };
    expect(await pending()).toEqual(["Assigner", "Assignee", "Regulator"]);
    await signAs(space.founded, "hospital", "Assigner", id, terms);
    expect(await pending()).toEqual(["Assignee", "Regulator"]);
    await signAs(space.founded, "commission", "Regulator", id, terms);
    expect(await pending()).toEqual(["Assignee"]);
    await act("hospital", "AgreementRegistry", "terminate", [id, "no"]);
    expect(await pending()).toEqual([]);
  });

  it("wait for whom the contract still takes a signature from, and for nobody else", async () => {
    const { id, terms } = await offered({});
    const people = ["hospital", "device-maker", "commission", "insurer", "gateway"] as const;
    const waitsFor = async (): Promise<readonly string[]> => {
      await caughtUp();
      const found = people.map(async (key) => {
        const { items } = await client.agreements({ waitsFor: space.founded.id(key), limit: "200" });
        expect(items.every(({ status }) => status === "Offered")).toBe(true);
        return items.some((item) => item.id === id) ? [key] : [];
      });
      return (await Promise.all(found)).flat();
    };
    expect(await waitsFor()).toEqual(["hospital", "device-maker", "commission"]);
    await signAs(space.founded, "commission", "Regulator", id, terms);
    expect(await waitsFor()).toEqual(["hospital", "device-maker"]);
    await signAs(space.founded, "device-maker", "Assignee", id, terms);
    expect(await waitsFor()).toEqual(["hospital"]);
    await signAs(space.founded, "hospital", "Assigner", id, terms);
    expect(await waitsFor()).toEqual([]);
  });

  it("have at every step the very status that the contract derives", async () => {
    const now = (await space.founded.space.readHead()).time;
    await offered({ validFrom: now + 86_400, validUntil: now + 2 * 86_400 });
    const scheduled = await space.conclude({ validFrom: now + 86_400, validUntil: now + 2 * 86_400 });
    const steps: (() => Promise<unknown>)[] = [
      () => act("hospital", "AgreementRegistry", "suspend", [at(1), "x"]),
      () => act("commission", "AgreementRegistry", "suspend", [at(1), "y"]),
      () => act("hospital", "AgreementRegistry", "reinstate", [at(1)]),
      () => act("commission", "AgreementRegistry", "reinstate", [at(1)]),
      () => act("device-maker", "AgreementRegistry", "terminate", [at(2), "done"]),
      () => act("commission", "AgreementRegistry", "suspend", [scheduled, "z"]),
      () => act("commission", "ParticipantRegistry", "suspend", [space.founded.id("device-maker"), "w"]),
      () => act("commission", "ParticipantRegistry", "reinstate", [space.founded.id("device-maker")]),
      () => act("commission", "DatasetRegistry", "suspend", [space.dataset.id, "v"]),
      () => act("hospital", "DatasetRegistry", "suspend", [space.dataset.id, "v"]),
      () => act("commission", "DatasetRegistry", "reinstate", [space.dataset.id]),
      () => act("hospital", "DatasetRegistry", "reinstate", [space.dataset.id]),
      () => space.conclude({ replaces: at(3) }),
    ];
    const seen = new Set<string>();
    for (const step of steps) {
      await step();
      for (const status of Object.keys(await expectSameStatus())) seen.add(status);
    }
    const short = await space.conclude({ validUntil: (await space.founded.space.readHead()).time + 600 });
    await pass(space.founded.space, 601);
    for (const status of Object.keys(await expectSameStatus())) seen.add(status);
    expect((await client.agreement({ id: short })).agreement.status).toBe("Expired");
    expect([...seen].sort()).toEqual(["Expired", "InForce", "Offered", "Scheduled", "Suspended", "Terminated"]);
    const { agreement } = await client.agreement({ id: at(3) });
    expect(agreement.status).toBe("Terminated");
    expect(agreement.replacedBy).toMatch(/^0x[0-9a-f]{64}$/);
  });

  it("count uses over a chain of replacements, as the contract does", async () => {
    await ask(space, gateway, at(4));
    await ask(space, gateway, at(4));
    const uses = async (id: AgreementId) => (await client.agreement({ id })).agreement.uses;
    await expect.poll(() => uses(at(4))).toBe("2");
    const next = await space.conclude({ replaces: at(4) });
    await caughtUp();
    expect(await uses(next)).toBe("2");
    await ask(space, gateway, next);
    await expect.poll(() => uses(next)).toBe("3");
    expect(await uses(at(4))).toBe("3");
    await expectSameStatus();
  });

  it("have their whole history, with block, time and transaction", async () => {
    await caughtUp();
    const { items } = await client.agreementEvents({ id: at(1), limit: "200" });
    expect(
      items
        .map(({ name }) => name)
        .reverse()
        .slice(0, 9),
    ).toEqual([
      "AgreementOffered",
      ...["AgreementSigned", "AgreementSigned", "AgreementSigned", "AgreementFinalized"],
      ...["AgreementSuspended", "AgreementSuspended", "AgreementReinstated", "AgreementReinstated"],
    ]);
    for (const event of items) {
      const receipt = (await space.founded.space.send("eth_getTransactionReceipt", [event.transaction])) as {
        blockNumber: string;
      };
      expect(Number(receipt.blockNumber)).toBe(event.block);
    }
    expect(items.find(({ name }) => name === "AgreementSuspended")).toMatchObject({
      actor: { name: "Demo Health Commission" },
      args: { reason: "y" },
    });
    expect((await client.datasetEvents({ id: space.dataset.id })).items.at(-1)?.name).toBe("DatasetRegistered");
    const ofGateway = await client.participantEvents({ id: gateway.id });
    expect(ofGateway.items.map(({ name }) => name)).toContain("EntriesAppended");
  });
});

describe("lists", () => {
  it("are paged by cursors that give every item once", async () => {
    const all = (await client.agreements({ limit: "200" })).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.agreements({ limit: "3", ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    expect(all.length).toBeGreaterThan(8);
  });

  it("are filtered by status, party, dataset and text, wildcards being letters", async () => {
    const all = (await client.agreements({ limit: "200" })).items;
    const inForce = (await client.agreements({ limit: "200", status: "InForce" })).items;
    expect(inForce.map(({ id }) => id)).toEqual(all.filter(({ status }) => status === "InForce").map(({ id }) => id));
    const { founded, dataset } = space;
    expect((await client.agreements({ limit: "200", party: founded.id("hospital") })).items.length).toBe(all.length);
    expect((await client.agreements({ party: founded.id("insurer") })).items).toEqual([]);
    expect((await client.agreements({ limit: "200", dataset: dataset.id })).items.length).toBe(all.length);
    expect((await client.agreements({ limit: "200", text: "bilirubin METER" })).items.length).toBe(all.length);
    for (const text of ["%", "_", "\\", "x' OR 1=1 --", "$1"])
      expect((await client.agreements({ text })).items, text).toEqual([]);
    expect((await client.participants({ role: "Gateway" })).items.length).toBe(1);
    expect((await client.participants({ text: "insurer" })).items.length).toBe(1);
    expect((await client.datasets({ status: "Retired" })).items).toEqual([]);
    expect((await client.datasets({ text: "jaundice", holder: founded.id("hospital") })).items.length).toBe(1);
  });

  it("of heads go with the log of the gateway", async () => {
    const { anchored } = await client.log();
    const { items } = await client.heads({ gateway: gateway.id });
    expect(items[0]).toMatchObject({ size: anchored?.size, root: anchored?.root, gateway: { id: gateway.id } });
    expect(items.at(-1)?.start).toBe(0);
    for (const [at, head] of items.slice(1).entries()) expect(items[at]?.start).toBe(head.size);
    expect((await client.heads({ gateway: zeroHash as string as typeof gateway.id })).items).toEqual([]);
    const { participant } = await client.participant({ id: gateway.id });
    expect(participant.log).toMatchObject({ size: anchored?.size, breachedIndex: null });
  });

  it("of counts tell entries by day, outcome and reason, and nothing else of them", async () => {
    const { entry } = await ask(space, gateway, at(0), { purpose: "DUO:0000042" });
    const { appended } = await client.log();
    const counted = async (): Promise<number> =>
      (await client.counts()).entries.reduce((sum, { count }) => sum + count, 0);
    await expect.poll(counted).toBe(appended);
    const counts = await client.counts();
    const day = entry.time.slice(0, 10);
    expect(counts.entries).toContainEqual({ day, outcome: "Denied", reason: "PurposeMismatch", count: 1 });
    expect((await client.counts()).entries).toEqual(counts.entries);
    expect((await client.counts({ from: "2020-01-01", until: "2020-02-01" })).entries).toEqual([]);
    expect(counts.participants).toContainEqual({ role: "Consumer", count: 2 });
  });
});

describe("what is asked for and is not there, or not in this way", () => {
  const refusal = async (asked: Promise<unknown>): Promise<ApiProblem> => {
    const error = await asked.then(
      () => undefined,
      (found: unknown) => found,
    );
    expect(error).toBeInstanceOf(ApiProblem);
    return error as ApiProblem;
  };

  it("is a problem of one shape, the same for every id that is nobody's", async () => {
    const none = `0x${"12".repeat(32)}` as Hash as never;
    for (const asked of [
      () => client.agreement({ id: none }),
      () => client.agreementEvents({ id: none }),
      () => client.dataset({ id: none }),
      () => client.datasetEvents({ id: none }),
      () => client.participant({ id: none }),
      () => client.agreement({ id: gateway.id as never }),
      () => client.participant({ id: at(0) as never }),
    ])
      expect(await refusal(asked())).toMatchObject({
        status: 404,
        code: "NotFound",
        message: "There is nothing here.",
      });
  });

  it.each([
    "?limit=0",
    "?limit=201",
    "?limit=1e2",
    "?limit=5&limit=6",
    "?limit=5&%6Cimit=6",
    "?status=Unknown",
    "?status=inforce",
    "?status[]=InForce",
    "?party=0x12",
    "?text=",
    `?text=${"x".repeat(129)}`,
    "?text=%ff",
    "?text=%00",
    "?text=%ED%A0%80",
    "?cursor=!",
    "?cursor=abcd",
    "?unknown=1",
    "?__proto__=1",
    "?constructor=1",
  ])("agreements%s is refused", async (query) => {
    const answer = await fetch(`${gateway.url}/v1/agreements${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "RequestMalformed" });
  });
});

it("every answer of this file was held against what /openapi.json declares", () => {
  expect(answersLookedAt()).toBeGreaterThan(60);
});
