import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HDNodeWallet, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deploy } from "../../scripts/deploy/deploy.ts";
import { createProvider } from "../../server/chain/provider.ts";
import { ContractRefused } from "../../server/chain/revert.ts";
import { openSpace, type Space } from "../../server/chain/space.ts";
import { write } from "../../server/chain/write.ts";
import { listAnnounced, listHolders } from "../../server/client/authority.ts";
import { govern } from "../../server/client/govern.ts";
import { admit, listParticipants } from "../../server/client/participants.ts";
import type { Address } from "../../server/domain/ids.ts";
import { type AnvilEngine, startAnvil } from "../../server/engines/anvil.ts";

const delay = 3 * 86_400;
const chainId = 31_337;

function newWallet(): Wallet {
  return new Wallet(Wallet.createRandom().privateKey);
}

const low = (wallet: Wallet | HDNodeWallet): Address => wallet.address.toLowerCase() as Address;

describe("governing with a delay", () => {
  const [deployer, commission, reserve, thief] = [newWallet(), newWallet(), newWallet(), newWallet()] as const;
  let folder: string;
  let anvil: AnvilEngine;
  let space: Space;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datapact-govern-"));
    anvil = await startAnvil(folder, () => undefined);
    const provider = createProvider(anvil.url, chainId);
    for (const wallet of [deployer, commission, reserve, thief])
      await provider.send("anvil_setBalance", [wallet.address, "0xde0b6b3a7640000"]);
    const manifest = await deploy({
      chainUrl: anvil.url,
      deployer: deployer.connect(provider),
      authorities: [low(commission), low(reserve)],
      delay,
      approvals: 1,
      manifestFile: join(folder, "manifest.json"),
      say: () => undefined,
    });
    provider.destroy();
    space = openSpace(anvil.url, manifest);
  });

  afterAll(async () => {
    space.provider.destroy();
    await anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function pass(seconds: number): Promise<void> {
    await space.provider.send("evm_increaseTime", [seconds]);
    await space.provider.send("evm_mine", []);
  }

  it("hands every role to both accounts and leaves the deployer none", async () => {
    const held = [low(commission), low(reserve)].flatMap((account) => [
      { role: "regulator", account, delay: 0 },
      { role: "recovery", account, delay },
      { role: "admin", account, delay },
    ]);
    const holders = await listHolders(space);
    expect(holders).toHaveLength(held.length);
    expect(holders).toEqual(expect.arrayContaining(held));
  });

  it("admits a party at once and a regulator only after the delay", async () => {
    const party = { registrationNumber: "H-1", name: "Hospital", hospital: undefined, key: low(newWallet()) };
    expect(await admit(space, commission, { ...party, roles: ["Hospital"] })).toEqual({ isDone: true });

    const regulator = { registrationNumber: "R-1", name: "Regulator", hospital: undefined, key: low(newWallet()) };
    const appoint = () => admit(space, commission, { ...regulator, roles: ["Regulator"] });
    const first = await appoint();
    const now = (await space.provider.getBlock("latest"))?.timestamp ?? 0;
    expect(first).toEqual({ isDone: false, from: now + delay });
    expect(await appoint()).toEqual(first);
    expect(await listAnnounced(space)).toMatchObject([{ caller: low(commission), from: now + delay }]);
    expect((await listParticipants(space)).map(({ name }) => name)).toEqual(["Hospital"]);

    await pass(delay);
    expect(await appoint()).toEqual({ isDone: true });
    expect(await listAnnounced(space)).toEqual([]);
    expect((await listParticipants(space)).map(({ name }) => name)).toEqual(["Hospital", "Regulator"]);
  });

  it("lets the other account cancel, and tells who may not", async () => {
    const args = [2];
    await govern(space, commission, "AgreementRegistry", "setApprovals", args);
    const [announced] = await listAnnounced(space);
    expect(announced?.call).toBe("setApprovals(2)");
    const cancel = (by: Wallet) =>
      write(space, by, "Authority", "cancel", [announced?.caller, announced?.target, announced?.data]);
    await expect(cancel(thief)).rejects.toThrow(ContractRefused);
    await cancel(reserve);
    expect(await listAnnounced(space)).toEqual([]);
    await expect(govern(space, thief, "AgreementRegistry", "setApprovals", args)).rejects.toThrow(
      "AccessManagedUnauthorized",
    );
  });

  it("replaces a lost account by the other one", async () => {
    const grant = () => govern(space, reserve, "Authority", "grantRole", [0, thief.address, delay]);
    expect((await grant()).isDone).toBe(false);
    await pass(delay);
    expect(await grant()).toEqual({ isDone: true });
    expect(await listHolders(space)).toContainEqual({ role: "admin", account: low(thief), delay });
  });
});
