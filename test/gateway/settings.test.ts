import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client } from "../../server/api/client.ts";
import { signIn } from "../../server/client/signIn.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { ask, startTestSpace, type TestSpace, withoutRounds } from "../support/space.ts";

let space: TestSpace;
let agreement: AgreementId;
let gateway: Gateway | undefined;
let store: pg.Client;

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
  store = new pg.Client({ connectionString: space.engines.storeUrl });
  await store.connect();
});
afterAll(async () => {
  await store.end();
  await space.stop();
});

/** A new start under these settings, one use, and how many entries the start brought with it. */
async function useUnder(settings: Readonly<Record<string, string>>): Promise<number> {
  await gateway?.stop();
  gateway = await space.startGateway({ ...withoutRounds, ...settings });
  const before = await appended();
  expect(await ask(space, gateway, agreement)).toHaveProperty("result");
  return (await appended()) - before - 1;
}

const appended = async (): Promise<number> =>
  Number((await store.query<{ count: string }>("SELECT count(*) FROM datapact.entry")).rows[0]?.count);

const regulator = (): Promise<Client> =>
  signIn(gateway?.url ?? "", space.founded.wallet("commission"), space.founded.space.manifest.chainId);

/** The newest change that was recorded, as the regulator sees it. */
async function newestChange() {
  const client = await regulator();
  const [item] = (await client.entries({ kind: "Trail", act: "Configured" })).items;
  return client.entry({ index: String(item?.index) });
}

describe("changed settings", () => {
  it("are no entry while nothing was ever recorded, nor when they are the same again", async () => {
    expect(await useUnder({ DATAPACT_ROUNDING: "5" })).toBe(0);
    expect(await useUnder({ DATAPACT_ROUNDING: "5", DATAPACT_LOG_LEVEL: "info" })).toBe(0);
  });

  it("are an entry before the first access under them, told to the regulator with what they were", async () => {
    expect(await useUnder({ DATAPACT_ROUNDING: "10" })).toBe(1);
    expect(await useUnder({ DATAPACT_ROUNDING: "10" })).toBe(0);
    const { item, about } = await newestChange();
    expect(item.entry).toMatchObject({ act: "Configured", actor: gateway?.id, entries: 0 });
    expect(item.participant?.id).toBe(gateway?.id);
    expect(about).toMatchObject({ before: { DATAPACT_ROUNDING: 5 }, after: { DATAPACT_ROUNDING: 10 } });
    const use = (await (await regulator()).entries({ kind: "Usage" })).items[1];
    expect(use?.index).toBe(item.index + 1);
  });

  it("tell of a second node only that there is one, and of secrets and places nothing", async () => {
    const secondUrl = `${space.engines.chainUrl}/`;
    expect(await useUnder({ DATAPACT_ROUNDING: "10", DATAPACT_CHAIN_SECOND_URL: secondUrl })).toBe(1);
    const { about } = await newestChange();
    expect(about).toMatchObject({
      before: { DATAPACT_CHAIN_SECOND_URL: false },
      after: { DATAPACT_CHAIN_SECOND_URL: true },
    });
    const told = JSON.stringify(about);
    for (const secret of ["127.0.0.1", "postgres", "keystore", new URL(space.engines.storeUrl).port])
      expect(told).not.toContain(secret);
  });

  it("that somebody wrote into the store do not pass for the last ones", async () => {
    await store.query(
      "UPDATE datapact.settings SET settings = replace(settings, '\"DATAPACT_ROUNDING\":10', '\"DATAPACT_ROUNDING\":1')",
    );
    expect(await useUnder({ DATAPACT_ROUNDING: "1" })).toBe(1);
    expect((await newestChange()).about).toMatchObject({ before: null, after: { DATAPACT_ROUNDING: 1 } });
    await store.query("DELETE FROM datapact.settings");
    expect(await useUnder({ DATAPACT_ROUNDING: "1" })).toBe(1);
  });

  it("that cannot be recorded keep everything else from being recorded and released", async () => {
    await gateway?.stop();
    await store.query("ALTER TABLE datapact.settings RENAME TO gone");
    gateway = await space.startGateway({ ...withoutRounds, DATAPACT_ROUNDING: "20" });
    const before = await appended();
    await expect(ask(space, gateway, agreement)).rejects.toMatchObject({ status: 503, code: "JournalUnavailable" });
    expect(await appended()).toBe(before);
    await store.query("ALTER TABLE datapact.gone RENAME TO settings");
    expect(await ask(space, gateway, agreement)).toHaveProperty("result");
    expect(await appended()).toBe(before + 2);
  });

  it("whose content was altered in the store are not shown", async () => {
    const client = await regulator();
    const [item] = (await client.entries({ kind: "Trail", act: "Configured" })).items;
    await store.query("UPDATE datapact.entry SET evidence = replace(evidence, '20', '5') WHERE index = $1", [
      item?.index,
    ]);
    await expect(client.entry({ index: String(item?.index) })).rejects.toMatchObject({ status: 503 });
  });
});
