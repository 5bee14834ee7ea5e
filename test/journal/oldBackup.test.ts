import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rebuildLog } from "../../server/client/chainLog.ts";
import { fromHex } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let agreement: AgreementId;
let backup: string;

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
});
afterAll(async () => {
  await onServer(`DROP DATABASE IF EXISTS ${nameOf(backup)} WITH (FORCE)`);
  await space.stop();
});

const nameOf = (url: string): string => new URL(url).pathname.slice(1);
async function onServer(sql: string): Promise<void> {
  const url = new URL(space.engines.storeUrl);
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A copy of the store as it is, in a database beside it. No gateway may be running. */
async function copyStore(): Promise<string> {
  const name = nameOf(space.engines.storeUrl);
  await onServer(`CREATE DATABASE ${name}_old TEMPLATE ${name}`);
  const url = new URL(space.engines.storeUrl);
  url.pathname = `/${name}_old`;
  return url.href;
}

const anchored = async (gateway: Gateway, size: number): Promise<void> => {
  const { space: chain } = space.founded;
  await expect.poll(async () => (await chain.reader.log(gateway.id, (await chain.readHead()).hash)).size).toBe(size);
};

it("oldBackup: a gateway on it finds that the chain is ahead, serves nothing, and uses no index again", async () => {
  const first = await space.startGateway();
  for (let i = 0; i < 3; i += 1) await ask(space, first, agreement);
  await anchored(first, 3);
  await first.stop();
  backup = await copyStore();

  const second = await space.startGateway();
  const answers = [await ask(space, second, agreement), await ask(space, second, agreement)];
  await anchored(second, 5);
  await second.stop();

  for (let i = 0; i < 2; i += 1)
    await expect(space.startGateway({}, { storeUrl: backup })).rejects.toThrow(
      /the chain has 5 entries, the journal 3: it stems from an old copy; restore the newest/,
    );
  const client = new pg.Client({ connectionString: backup });
  await client.connect();
  const { rows } = await client.query("SELECT count(*)::int AS entries FROM datapact.entry");
  await client.end();
  expect(rows).toEqual([{ entries: 3 }]);
  await anchored(second, 5);

  // with the newest store the log goes on, and everything that was promised stands where it was
  const third = await space.startGateway();
  const next = await ask(space, third, agreement);
  expect(reasonOf(next)).toBeUndefined();
  expect(next.receipt.index).toBe(5);
  await anchored(third, 6);
  const { digests } = await rebuildLog(space.founded.space, third.id);
  for (const { receipt } of [...answers, next])
    expect(digests[receipt.index]).toEqual(fromHex(receipt.entry as `0x${string}`));
  await third.stop();
});
