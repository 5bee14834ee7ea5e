import { Wallet } from "ethers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiProblem, type Client } from "../../server/api/client.ts";
import { write } from "../../server/chain/write.ts";
import { signFinding } from "../../server/client/findings.ts";
import { signIn } from "../../server/client/signIn.ts";
import { canonicalBytes } from "../../server/domain/entry.ts";
import type { SignedFinding } from "../../server/domain/finding.ts";
import { sha256, toHex } from "../../server/domain/hash.ts";
import type { AgreementId, Hash } from "../../server/domain/ids.ts";
import { recoverSigner } from "../../server/domain/signature.ts";
import { createFindingHasher } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { shiftToNoon } from "../support/clock.ts";
import { ask, insurersPurpose, startTestSpace, withoutRounds, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
let regulator: Client;
let hospital: Client;
let consumer: Client;
let insurer: Client;

beforeAll(async () => {
  space = await startTestSpace();
  shiftToNoon();
  gateway = await space.startGateway(withoutRounds);
  agreement = await space.conclude();
  for (let i = 0; i < 3; i += 1) await ask(space, gateway, agreement);
  await ask(space, gateway, agreement, { purpose: insurersPurpose });
  [regulator, hospital, consumer, insurer] = (await Promise.all(
    ["commission", "hospital", "device-maker", "insurer"].map((key) => signedIn(space.founded.wallet(key))),
  )) as [Client, Client, Client, Client];
});
afterAll(() => space.stop());

const signedIn = (wallet: Wallet): Promise<Client> => signIn(gateway.url, wallet, space.founded.space.manifest.chainId);

async function query(sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: space.engines.storeUrl });
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(sql);
  await client.end();
  return rows;
}

type Asked = Partial<Parameters<typeof signFinding>[2]>;
const finding = (change: Asked = {}, key: string | Wallet = "commission"): SignedFinding =>
  signFinding(typeof key === "string" ? space.founded.wallet(key) : key, space.founded.space.domainOf("AccessLog"), {
    gateway: gateway.id,
    entries: [0, 3],
    severity: "Major",
    state: "Open",
    text: "Asked for another purpose than was agreed on.",
    ...change,
  });

const problemOf = (asked: Promise<unknown>): Promise<ApiProblem> =>
  asked.then(
    () => Promise.reject(new Error("it was answered")),
    (error: unknown) => (error instanceof ApiProblem ? error : Promise.reject(error as Error)),
  );
const codeOf = async (asked: Promise<unknown>): Promise<string> => (await problemOf(asked)).code;

describe("a finding", () => {
  it("is an entry with a receipt, and stands as its regulator signed it", async () => {
    const signed = finding();
    const recorded = await regulator.recordFinding(signed);
    expect(recorded.entry).toMatchObject({
      act: "Found",
      actor: space.founded.id("commission"),
      subject: toHex(sha256(canonicalBytes(signed))),
      entries: 2,
    });
    const { items } = await hospital.finding({ id: recorded.id });
    expect(items.map(({ signed: told }) => told)).toEqual([signed]);
    expect(items[0]).toMatchObject({
      revision: 0,
      index: recorded.receipt.index,
      author: { name: "Demo Health Commission" },
    });
    const digest = createFindingHasher(space.founded.space.domainOf("AccessLog"))(items[0]?.signed.finding as never);
    expect(toHex(digest)).toBe(recorded.digest);
    expect(recoverSigner(digest, items[0]?.signed.signature as never)).toBe(
      space.founded.wallet("commission").address.toLowerCase(),
    );
  });

  it("has revisions, each after the one before; none is taken away", async () => {
    const first = await regulator.recordFinding(finding({ entries: [1] }));
    const next = { finding: first.id, previous: first.digest, entries: [1, 2], state: "Confirmed" } as const;
    const second = await regulator.recordFinding(finding({ ...next, text: "The consumer admits it." }));
    expect(second.id).toBe(first.id);
    expect(await codeOf(regulator.recordFinding(finding(next)))).toBe("FindingConflict");
    expect(await codeOf(regulator.recordFinding(finding({ finding: first.id })))).toBe("FindingConflict");
    expect(await codeOf(regulator.recordFinding(finding({ previous: second.digest })))).toBe("FindingConflict");
    const { items } = await regulator.finding({ id: first.id });
    expect(items.map(({ state, entries }) => [state, entries])).toEqual([
      ["Open", [1]],
      ["Confirmed", [1, 2]],
    ]);
    const listed = (await regulator.findings()).items.filter(({ id }) => id === first.id);
    expect(listed.map(({ digest }) => digest)).toEqual([second.digest]);
  });

  it("of two revisions at once, one is recorded", async () => {
    const first = await regulator.recordFinding(finding());
    const next = { finding: first.id, previous: first.digest } as const;
    const codes = await Promise.all(
      ["a", "b", "c"].map((text) =>
        regulator.recordFinding(finding({ ...next, text })).then(
          () => "recorded",
          ({ code }) => code,
        ),
      ),
    );
    expect(codes.toSorted()).toEqual(["FindingConflict", "FindingConflict", "recorded"]);
  });

  it("replayedFinding: is recorded once", async () => {
    const signed = finding();
    await regulator.recordFinding(signed);
    expect(await codeOf(regulator.recordFinding(signed))).toBe("FindingConflict");
  });

  it.each([
    ["another key's", () => finding({}, "hospital"), "FindingSignerMismatch"],
    [
      "altered",
      () => ({ ...finding(), finding: { ...finding().finding, severity: "Note" as const } }),
      "FindingSignerMismatch",
    ],
    ["of another log", () => finding({ gateway: space.founded.id("hospital") }), "FindingElsewhere"],
    ["about what is not there", () => finding({ entries: [999_999] }), "FindingEntriesInvalid"],
    ["about one entry twice", () => finding({ entries: [1, 1] }), "FindingEntriesInvalid"],
    ["out of order", () => finding({ entries: [2, 1] }), "FindingEntriesInvalid"],
    ["about nothing", () => finding({ entries: [] }), "RequestMalformed"],
    ["without words", () => finding({ text: "" }), "RequestMalformed"],
  ] as const)("that is %s is refused", async (_name, signed, code) => {
    const { appended } = await regulator.log();
    expect(await codeOf(regulator.recordFinding(signed()))).toBe(code);
    expect((await regulator.log()).appended).toBe(appended);
  });

  it("is a regulator's own: nobody else records one, nor does a delegate", async () => {
    for (const [client, key] of [
      [hospital, "hospital"],
      [consumer, "device-maker"],
    ] as const)
      expect(await codeOf(client.recordFinding(finding({}, key)))).toBe("RoleMissing");
    const delegate = new Wallet(Wallet.createRandom().privateKey);
    const until = Math.floor(Date.now() / 1_000) + 600;
    const { space: chain, wallet } = space.founded;
    await write(chain, wallet("commission"), "ParticipantRegistry", "authorizeDelegate", [delegate.address, until]);
    const acting = await signedIn(delegate);
    expect((await acting.findings()).items.length).toBeGreaterThan(0);
    expect(await codeOf(acting.recordFinding(finding({}, delegate)))).toBe("DelegateRefused");
  });

  it("is found by severity, state, entry and words; a consumer has no access", async () => {
    await regulator.recordFinding(
      finding({ entries: [2], severity: "Critical", text: "100% of the_cells\\ repeated" }),
    );
    const texts = async (asked: Parameters<Client["findings"]>[0]): Promise<string[]> =>
      (await regulator.findings(asked)).items.map(({ text }) => text);
    expect(await texts({ severity: "Critical" })).toEqual(["100% of the_cells\\ repeated"]);
    expect(await texts({ severity: "Critical", state: "Closed" })).toEqual([]);
    expect(await texts({ text: "0% OF the_cells\\" })).toEqual(["100% of the_cells\\ repeated"]);
    expect(await texts({ text: "0_ of" })).toEqual([]);
    expect((await texts({ entry: "2" })).length).toBe(2);
    expect(await codeOf(consumer.findings())).toBe("RoleMissing");
    const first = await regulator.findings({ limit: "2" });
    const second = await regulator.findings({ limit: "200", cursor: first.next ?? "" });
    const all = await regulator.findings({ limit: "200" });
    expect([...first.items, ...second.items]).toEqual(all.items);
  });

  it.each([
    ["is made anew from the journal alone, the same", "datapact.finding, "],
    ["that is met in the journal again stays as it is, its newest revision too", ""],
  ])("%s", async (_name, findings) => {
    const listed = async () => (await regulator.findings({ limit: "200" })).items;
    const before = await listed();
    await query(
      `TRUNCATE ${findings}datapact.entry_place, datapact.entry_count, datapact.entry_facet;
       UPDATE datapact.entry_indexed SET size = 0`,
    );
    const indexed = async () => Number((await query("SELECT size FROM datapact.entry_indexed"))[0]?.size);
    await expect.poll(indexed).toBe((await regulator.log()).appended);
    expect(await listed()).toEqual(before);
    const [newest] = before;
    const next = finding({ finding: newest?.id as Hash, previous: newest?.digest as Hash, state: "Closed" });
    expect((await regulator.recordFinding(next)).id).toBe(newest?.id);
  });

  describe("alteredFinding: one that is not as it was signed is not shown", () => {
    let first: Awaited<ReturnType<Client["recordFinding"]>>;
    let second: typeof first;
    beforeAll(async () => {
      first = await regulator.recordFinding(finding({ text: "They sold it." }));
      second = await regulator.recordFinding(
        finding({ text: "They say they did not.", finding: first.id, previous: first.digest, state: "Explained" }),
      );
      expect((await hospital.finding({ id: first.id })).items.length).toBe(2);
    });

    const theirs = (): string => JSON.stringify(finding({ text: "Nothing was found." }, "hospital"));
    const hospitalId = (): string => space.founded.id("hospital");
    const update = (change: string): string =>
      `UPDATE datapact.finding SET ${change} WHERE digest = '${second.digest}';`;
    it.each<[string, () => string]>([
      ["its words", () => update("text = 'All is well.'")],
      ["its severity", () => update("severity = 'Note'")],
      ["its state", () => update("state = 'Closed'")],
      ["what it names", () => update("entries = '{1}'")],
      ["its time", () => update("at = at + 1")],
      ["its author", () => update(`author = '${hospitalId()}'`)],
      ["its digest", () => update(`digest = '0x${"12".repeat(32)}'`)],
      ["the entry that records it, for a use", () => update("index = 0")],
      [
        "the entry that records it, for another finding's",
        () => `DELETE FROM datapact.finding WHERE digest = '${first.digest}';
          ${update(`index = ${first.receipt.index}, revision = 0`)}`,
      ],
      ["its signature", () => update(`signed = jsonb_set(signed, '{signature}', '"0x${"12".repeat(65)}"')`)],
      [
        "its words and what was signed",
        () => update(`signed = jsonb_set(signed, '{finding,text}', '"All is well."'), text = 'All is well.'`),
      ],
      ["all of it, for what another signed", () => update(`signed = '${theirs()}', text = 'Nothing was found.'`)],
      ["its shape", () => update("signed = 'null'")],
    ])("%s", async (_name, change) => {
      await query("CREATE TABLE datapact.kept AS TABLE datapact.finding");
      try {
        await query(change());
        expect(await codeOf(regulator.findings())).toBe("JournalUnavailable");
        expect(await codeOf(hospital.finding({ id: first.id }))).toBe("JournalUnavailable");
      } finally {
        await query(
          "TRUNCATE datapact.finding; INSERT INTO datapact.finding TABLE datapact.kept; DROP TABLE datapact.kept",
        );
      }
      expect((await hospital.finding({ id: first.id })).items.length).toBe(2);
    });

    it("a revision that was taken out of the middle", async () => {
      await query(`CREATE TABLE datapact.kept AS TABLE datapact.finding;
        DELETE FROM datapact.finding WHERE digest = '${first.digest}'; ${update("revision = 0")}`);
      expect(await codeOf(hospital.finding({ id: first.id }))).toBe("JournalUnavailable");
      await query(
        "TRUNCATE datapact.finding; INSERT INTO datapact.finding TABLE datapact.kept; DROP TABLE datapact.kept",
      );
    });

    it("one whose entry was rewritten", async () => {
      await expect.poll(async () => (await regulator.log()).anchored?.size).toBeGreaterThan(second.receipt.index);
      const rewrite = (from: string, to: string) =>
        query(`UPDATE datapact.entry SET body = replace(body, '"entries":${from}', '"entries":${to}')
          WHERE index = ${second.receipt.index}`);
      await rewrite("2", "9");
      expect(await codeOf(hospital.finding({ id: first.id }))).toBe("JournalUnavailable");
      await rewrite("9", "2");
      expect((await hospital.finding({ id: first.id })).items.length).toBe(2);
    });
  });
});

describe("the timeline of an agreement", () => {
  it("tells its life from the offer to the last use, to its parties and regulators", async () => {
    const known = async (): Promise<unknown> => regulator.timeline({ id: agreement }).catch(() => undefined);
    await expect.poll(known).toBeDefined();
    const timeline = await consumer.timeline({ id: agreement });
    expect(timeline.events.map(({ name }) => name)).toEqual([
      "AgreementOffered",
      "AgreementSigned",
      "AgreementSigned",
      "AgreementSigned",
      "AgreementFinalized",
    ]);
    const [day = ""] = (timeline.firstUse ?? "").split("T");
    expect(timeline.uses).toEqual([
      { day, outcome: "Denied", reason: "PurposeMismatch", count: 1 },
      { day, outcome: "Permitted", reason: null, count: 3 },
    ]);
    expect(Date.parse(timeline.firstUse ?? "")).toBeLessThan(Date.parse(timeline.lastUse ?? ""));
    expect(await hospital.timeline({ id: agreement })).toMatchObject({ uses: timeline.uses });
    const none = await problemOf(insurer.timeline({ id: `0x${"12".repeat(32)}` as Hash as never }));
    const foreign = await problemOf(insurer.timeline({ id: agreement }));
    expect([foreign.status, foreign.message]).toEqual([none.status, none.message]);
  });
});
