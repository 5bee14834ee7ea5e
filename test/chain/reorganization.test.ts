import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayConfig } from "../../scripts/space/foundSpace.ts";
import { acknowledgeChain } from "../../server/gateway/acknowledgeChain.ts";
import { write } from "../../server/chain/write.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { anchorsOnce, ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;
let agreement: AgreementId;
const settings = { ...anchorsOnce, DATAPACT_REORG_DEPTH: "2" };

beforeAll(async () => {
  space = await startTestSpace();
  agreement = await space.conclude();
  gateway = await space.startGateway(settings);
});
afterAll(() => space.stop());

const reason = async (): Promise<string | undefined> => reasonOf(await ask(space, gateway, agreement));
const send = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
  space.founded.space.send(method, params);
const suspend = (undo = false): Promise<unknown> =>
  write(
    space.founded.space,
    space.founded.wallet("hospital"),
    "AgreementRegistry",
    undo ? "reinstate" : "suspend",
    undo ? [agreement] : [agreement, ""],
  );
const config = () => gatewayConfig(space.home, space.engines, "gateway", settings);
/** Lets the gateway see each of some new blocks. */
const mine = async (blocks: number): Promise<void> => {
  for (let i = 0; i < blocks; i += 1) {
    await send("evm_mine");
    await reason();
  }
};

describe("a reorganization deeper than the gateway trusts (CHECKS 61)", () => {
  it("takes a suspension away: the gateway refuses from then on, restarts included, and serves when its operator has acknowledged", async () => {
    await mine(4);
    const snapshot = await send("evm_snapshot");
    await suspend();
    expect(await reason()).toBe("AgreementSuspended");
    await mine(4);
    await send("evm_revert", [snapshot]);
    expect(await reason()).toBe("ChainBehind");
    await mine(12);
    expect(await reason()).toBe("ChainReorganized");
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    await gateway.stop();
    gateway = await space.startGateway(settings);
    expect(await reason()).toBe("ChainReorganized");

    expect(await acknowledgeChain(config(), async () => false)).toBeUndefined();
    expect(await reason()).toBe("ChainReorganized");
    const done = await acknowledgeChain(config(), async () => true);
    expect(done?.next.number).toBeGreaterThan(0);
    expect(await reason()).toBeUndefined();
    expect(await acknowledgeChain(config(), async () => true)).toBeUndefined();
  });

  it("is not acknowledged by anybody else's signature", async () => {
    const { default: pg } = await import("pg");
    await mine(4);
    const snapshot = await send("evm_snapshot");
    // blocks of the same second with nothing in them would come again as they were
    await suspend();
    await suspend(true);
    await mine(4);
    await send("evm_revert", [snapshot]);
    await mine(12);
    expect(await reason()).toBe("ChainReorganized");
    await acknowledgeChain(config(), async () => true);
    const client = new pg.Client({ connectionString: space.engines.storeUrl });
    await client.connect();
    await client.query(
      `UPDATE datapact.chain_acknowledgement SET signature =
         overlay(signature placing CASE substr(signature, 10, 2) WHEN 'ab' THEN 'cd' ELSE 'ab' END from 10)`,
    );
    expect(await reason()).toBe("ChainReorganized");
    await client.query("DELETE FROM datapact.chain_acknowledgement");
    await client.end();
    expect(await reason()).toBe("ChainReorganized");
    await acknowledgeChain(config(), async () => true);
    expect(await reason()).toBeUndefined();
  });

  it("within the depth passes by itself, and a stop that came back stops again", async () => {
    const snapshot = await send("evm_snapshot");
    await suspend();
    expect(await reason()).toBe("AgreementSuspended");
    await send("evm_revert", [snapshot]);
    expect(await reason()).toBe("ChainBehind");
    await suspend();
    expect(await reason()).toBe("AgreementSuspended");
    await suspend(true);
    expect(await reason()).toBeUndefined();
  });
});
