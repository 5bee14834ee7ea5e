import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rebuildLog } from "../../server/client/chainLog.ts";
import { fromHex } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { createDatabase } from "../support/postgres.ts";
import { ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let agreement: AgreementId;

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
});
afterAll(() => space.stop());

const anchoredSize = async (url: string): Promise<number> => {
  const { anchored } = (await (await fetch(`${url}/v1/log`)).json()) as { anchored: { size: number } };
  return anchored.size;
};

describe("a gateway", () => {
  it("serves a chain that went back: everything is anchored again, in its order", async () => {
    const { space: chain, id } = space.founded;
    const gateway = await space.startGateway();
    const first = await ask(space, gateway, agreement);
    await expect.poll(() => anchoredSize(gateway.url)).toBe(1);
    const snapshot = await chain.send("evm_snapshot", []);
    const answers = [first];
    for (let i = 0; i < 4; i += 1) answers.push(await ask(space, gateway, agreement));
    await expect.poll(() => anchoredSize(gateway.url)).toBe(5);
    await chain.send("evm_revert", [snapshot]);
    await expect
      .poll(async () => (await chain.reader.log(id("gateway"), (await chain.readHead()).hash)).size)
      .toBeGreaterThanOrEqual(5);
    await expect.poll(async () => reasonOf(await ask(space, gateway, agreement))).toBeUndefined();
    const { digests } = await rebuildLog(chain, gateway.id);
    for (const { receipt } of answers) expect(digests[receipt.index]).toEqual(fromHex(receipt.entry as `0x${string}`));
    await gateway.stop();
  });

  it("does not start with a store that is older than the chain, and leaves nothing open", async () => {
    const empty = await createDatabase();
    for (let i = 0; i < 2; i += 1) {
      await expect(space.startGateway({}, { storeUrl: empty.url })).rejects.toThrow(
        /the chain has \d+ entries, the journal 0: it stems from an old copy; restore the newest/,
      );
    }
    await empty.drop();
  });

  it("does not start on a port that is in use, says so, and leaves nothing open", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    for (let i = 0; i < 2; i += 1) {
      await expect(space.startGateway({ DATAPACT_PORT: String(port) })).rejects.toThrow(
        `port ${port} of 127.0.0.1 is in use. Stop what listens there, or set DATAPACT_PORT to another port.`,
      );
    }
    other.close();
    await (await space.startGateway()).stop();
  });

  it("does not start beside another one on the same store", async () => {
    const gateway = await space.startGateway();
    await expect(space.startGateway()).rejects.toThrow(
      /another gateway writes to this store: datapact gateway, process \d+/,
    );
    expect(reasonOf(await ask(space, gateway, agreement))).toBeUndefined();
    await gateway.stop();
  });
});
