import { afterAll, beforeAll, expect, it } from "vitest";
import { write } from "../../server/chain/write.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { anchorsOnce, ask, reasonOf, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let gateway: Gateway;

beforeAll(async () => {
  space = await startTestSpace();
  gateway = await space.startGateway({ ...anchorsOnce, DATAPACT_FINALITY_DEPTH: "3" });
});
afterAll(() => space.stop());

it("a grant counts once it is final, a stop at once", async () => {
  const { space: chain, wallet } = space.founded;
  const agreement = await space.conclude();
  const reason = async () => reasonOf(await ask(space, gateway, agreement));
  const before: (string | undefined)[] = [];
  for (let block = 0; block < 20 && before.at(-1) !== "permitted"; block += 1) {
    before.push((await reason()) ?? "permitted");
    await chain.send("evm_mine", []);
  }
  expect(new Set(before)).toEqual(new Set(["AgreementNotFinalized", "permitted"]));
  await write(chain, wallet("hospital"), "AgreementRegistry", "suspend", [agreement, ""]);
  expect(await reason()).toBe("AgreementSuspended");
  for (let block = 0; block < 3; block += 1) await chain.send("evm_mine", []);
  await write(chain, wallet("hospital"), "AgreementRegistry", "reinstate", [agreement]);
  expect(await reason()).toBe("AgreementSuspended");
  for (let block = 0; block < 3; block += 1) await chain.send("evm_mine", []);
  expect(await reason()).toBeUndefined();
});
