import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fundKeys } from "../../scripts/space/fundKeys.ts";
import { createClient } from "../../server/api/client.ts";
import { askHead, type Head } from "../../server/chain/head.ts";
import { interfaces } from "../../server/chain/interfaces.ts";
import { NodesDisagree } from "../../server/chain/secondNode.ts";
import { openSpace, type Space } from "../../server/chain/space.ts";
import { write } from "../../server/chain/write.ts";
import { stoodAt } from "../../server/client/agreementLife.ts";
import { NodeContradicted } from "../../server/client/contradiction.ts";
import { verifyEvidence } from "../../server/client/evidence.ts";
import { admit } from "../../server/client/participants.ts";
import { readBundleAgreement } from "../../server/client/readBundleAgreement.ts";
import { readLog } from "../../server/client/readLog.ts";
import { readParticipant } from "../../server/client/readParticipant.ts";
import { verifyCheckpoint } from "../../server/client/verifyNote.ts";
import type { Address, AgreementId } from "../../server/domain/ids.ts";
import { participantId } from "../../server/domain/typedData.ts";
import type { Gateway } from "../../server/gateway/startGateway.ts";
import { verifyLog } from "../../server/proof/verifyLog.ts";
import type { Evidence } from "../../server/proof/verifyReceipt.ts";
import { type Fault, type RpcProxy, startRpcProxy } from "../support/rpcProxy.ts";
import { sign, startTestSpace, type TestSpace } from "../support/space.ts";

let space: TestSpace;
let liar: RpcProxy;
let gateway: Gateway;
let agreement: AgreementId;
/** The liar alone, and the liar first beside an honest second. */
let alone: Space;
let both: Space;
let evidence: Evidence;

beforeAll(async () => {
  space = await startTestSpace();
  liar = await startRpcProxy(space.engines.chainUrl);
  const { manifest } = space.founded.space;
  alone = openSpace(liar.url, manifest);
  both = openSpace(liar.url, manifest, space.engines.chainUrl);
  gateway = await space.startGateway();
  agreement = await space.conclude();
  const signed = sign(space, gateway, agreement);
  evidence = { signed, ...(await createClient(gateway.url).use(signed)) } as unknown as Evidence;
});
afterEach(() => liar.misbehave(undefined));
afterAll(async () => {
  alone.close();
  both.close();
  await liar.stop();
  await space.stop();
});

const reply: (answer: (honest: unknown) => unknown) => Fault = (answer) => (call, honest, response) =>
  void response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, result: answer(honest) }));

type Log = { readonly topics: readonly string[] };

/** Leaves events of these names out of whatever it tells. */
function hide(contract: keyof typeof interfaces, ...names: readonly string[]): void {
  const topics = names.map((name) => interfaces[contract].getEvent(name)?.topicHash);
  liar.misbehave(
    reply((logs) => (logs as Log[]).filter((log) => !topics.includes(log.topics[0]))),
    ["eth_getLogs"],
  );
}

const change = (method: string, args: readonly unknown[]): Promise<unknown> =>
  write(space.founded.space, space.founded.wallet("hospital"), "AgreementRegistry", method, args);
const newest = (): Promise<Head> => askHead(space.founded.space.send, "latest");

describe("a node that hides that an agreement was suspended (CHECKS 17, 51)", () => {
  it("tells nothing while it is honest", async () => {
    for (const asked of [alone, both]) {
      expect(await stoodAt(asked, agreement, await newest())).toBe(true);
      expect((await verifyEvidence(asked, evidence, 120_000)).filter(({ problem }) => problem !== undefined)).toEqual(
        [],
      );
    }
  });

  it("contradicts its own state, whatever is asked of it", async () => {
    await change("suspend", [agreement, ""]);
    const suspended = await newest();
    hide("AgreementRegistry", "AgreementSuspended");
    await expect(stoodAt(alone, agreement, suspended)).rejects.toThrow(NodeContradicted);
    await expect(readBundleAgreement(alone, agreement, suspended)).rejects.toThrow(NodeContradicted);
    await expect(verifyEvidence(alone, evidence, 0)).rejects.toThrow("come to another suspendedAt");
    await expect(stoodAt(both, agreement, suspended)).rejects.toThrow(NodesDisagree);
    liar.misbehave(undefined);
    expect(await stoodAt(alone, agreement, suspended)).toBe(false);
    await change("reinstate", [agreement]);
  });

  it("is found by the state of then if that suspension was undone, and by the second node even if it denies that state", async () => {
    await change("suspend", [agreement, ""]);
    const suspended = await newest();
    await change("reinstate", [agreement]);
    hide("AgreementRegistry", "AgreementSuspended", "AgreementReinstated");
    await expect(stoodAt(alone, agreement, suspended)).rejects.toThrow(NodeContradicted);
    await expect(stoodAt(both, agreement, suspended)).rejects.toThrow(NodesDisagree);
    await expect(verifyEvidence(both, evidence, 0)).rejects.toThrow(NodesDisagree);
  });
});

describe("a node that hides that a key was replaced", () => {
  it("contradicts its own state, and the second node", async () => {
    const [old, fresh] = [Wallet.createRandom(), Wallet.createRandom()];
    const registrationNumber = "DEMO-CON-ROTATED";
    const id = participantId(registrationNumber);
    const key = old.address.toLowerCase() as Address;
    const admission = { name: "Rotating consumer", registrationNumber, roles: ["Consumer"], key } as const;
    await admit(space.founded.space, space.founded.wallet("commission"), { ...admission, hospital: undefined });
    const sender = new Wallet(old.privateKey);
    const { provider } = space.founded.space;
    await fundKeys(provider, space.founded.wallet("deployer").connect(provider), [sender]);
    await write(space.founded.space, sender, "ParticipantRegistry", "authorizeDelegate", [
      fresh.address,
      2n ** 48n - 1n,
    ]);
    await write(space.founded.space, sender, "ParticipantRegistry", "revokeDelegate", [fresh.address]);
    await write(space.founded.space, sender, "ParticipantRegistry", "rotateKey", [Wallet.createRandom().address]);
    const head = await newest();
    for (const name of ["KeyRotated", "DelegateRevoked", "ParticipantAdmitted"]) {
      hide("ParticipantRegistry", name);
      await expect(readParticipant(alone, id, head), name).rejects.toThrow(NodeContradicted);
      await expect(readParticipant(both, id, head), name).rejects.toThrow(NodesDisagree);
      liar.misbehave(undefined);
    }
    for (const asked of [alone, both]) expect((await readParticipant(asked, id, head))?.keys).toHaveLength(3);
  });
});

it("a node that hides which key signs notes contradicts its own state, and the second node", async () => {
  let note = "";
  await expect
    .poll(async () => {
      const response = await fetch(`${gateway.url}/checkpoint`);
      note = await response.text();
      return response.ok;
    })
    .toBe(true);
  expect((await verifyCheckpoint(both, gateway.id, note, 0)).broken).toBeNull();
  hide("AccessLog", "NoteKeyPublished");
  await expect(verifyCheckpoint(alone, gateway.id, note, 0)).rejects.toThrow(NodeContradicted);
  await expect(verifyCheckpoint(both, gateway.id, note, 0)).rejects.toThrow(NodesDisagree);
});

describe("a node that changes a batch", () => {
  it("by its transaction: a link breaks, and two nodes disagree", async () => {
    const other = (sent: unknown): unknown => {
      const { input, ...rest } = sent as { input: string };
      // in the first digest
      const at = 2 + 8 + 4 * 64 + 5;
      return { ...rest, input: `${input.slice(0, at)}${input[at] === "0" ? "1" : "0"}${input.slice(at + 1)}` };
    };
    liar.misbehave(reply(other), ["eth_getTransactionByHash"]);
    expect((await verifyLog(await readLog(alone, gateway.id))).holds).toBe(false);
    await expect(readLog(both, gateway.id)).rejects.toThrow(NodesDisagree);
    liar.misbehave(
      reply((sent) => ({ ...(sent as object), from: `0x${"12".repeat(20)}` })),
      ["eth_getTransactionByHash"],
    );
    await expect(readLog(both, gateway.id)).rejects.toThrow(NodesDisagree);
  });

  it("by hiding the newest, or all", async () => {
    hide("AccessLog", "EntriesAppended");
    expect((await verifyLog(await readLog(alone, gateway.id))).broken?.check).toBe("state");
    await expect(readLog(both, gateway.id)).rejects.toThrow(NodesDisagree);
  });
});
