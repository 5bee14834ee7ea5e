import { type BaseContract, type FunctionFragment, id, keccak256, toUtf8Bytes, ZeroHash } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createLedger,
  description,
  encodedTerms,
  type Ledger,
  makeTerms,
  policyText,
  rules,
  signTerms,
} from "../../scripts/bench/ledger.ts";
import type { EntryDigest } from "../../server/domain/ids.ts";
import { packedReceipt } from "../../server/domain/packedReceipt.ts";
import { encodedDescription } from "../../server/domain/typedData.ts";

const actorNames = ["admin", "hospital", "consumer", "regulator", "gateway", "delegate", "outsider"] as const;
type ActorName = (typeof actorNames)[number];

type Row = {
  readonly may: readonly ActorName[];
  readonly args: (scene: Scene) => unknown[];
  readonly prepare?: string;
};
type Scene = { readonly ledger: Ledger; readonly agreement: string; readonly offered: string; readonly now: number };

const anyone: readonly ActorName[] = actorNames;
const fresh = "0x00000000000000000000000000000000000000F5";

const unsigned = {
  entry: id("entry") as EntryDigest,
  index: 0,
  start: 0,
  count: 1,
  issuedAt: 1,
  deadline: 2,
  signature: `0x${"00".repeat(65)}` as const,
  path: [],
};
const emptyReceipt = packedReceipt(unsigned);

/** Who may do what, with arguments under which only the sender decides. A function without a row fails the test. */
const table: Record<string, Row> = {
  "participants.admit": { may: ["admin"], args: () => ["NEW-1", "New", 1, ZeroHash, fresh] },
  "participants.appoint": { may: ["admin"], args: () => ["NEW-2", "New", fresh] },
  "participants.rotateKey": { may: ["hospital", "consumer", "regulator", "gateway"], args: () => [fresh] },
  "participants.recoverKey": { may: ["admin"], args: ({ ledger }) => [ledger.ids.consumer, fresh] },
  "participants.authorizeDelegate": {
    may: ["hospital", "consumer", "regulator", "gateway"],
    args: ({ now }) => [fresh, now + 86_400],
  },
  "participants.revokeDelegate": { may: ["consumer"], args: ({ ledger }) => [ledger.actors.others[0]?.address] },
  "participants.suspend": { may: ["admin"], args: ({ ledger }) => [ledger.ids.consumer, ""] },
  "participants.reinstate": {
    may: ["admin"],
    args: ({ ledger }) => [ledger.ids.consumer],
    prepare: "participants.suspend",
  },
  "participants.setAuthority": { may: [], args: () => [fresh] },
  "datasets.register": { may: ["hospital"], args: () => ["other", encodedDescription(description), rules] },
  "datasets.update": {
    may: ["hospital"],
    args: ({ ledger }) => [ledger.ids.dataset, encodedDescription(description), rules],
  },
  "datasets.suspend": { may: ["hospital", "regulator"], args: ({ ledger }) => [ledger.ids.dataset, ""] },
  "datasets.reinstate": {
    may: ["hospital", "regulator"],
    args: ({ ledger }) => [ledger.ids.dataset],
    prepare: "datasets.suspend",
  },
  "datasets.retire": { may: ["hospital"], args: ({ ledger }) => [ledger.ids.dataset] },
  "agreements.offer": {
    may: anyone,
    args: ({ ledger, now }) => [encodedTerms(makeTerms(ledger, "another", now)), policyText],
  },
  // Relayed by anyone; who signed decides. A signature that is none is refused whoever brings it.
  "agreements.sign": { may: [], args: ({ ledger, offered }) => [offered, 0, ledger.ids.hospital, "0x"] },
  "agreements.suspend": { may: ["hospital", "consumer", "regulator"], args: ({ agreement }) => [agreement, ""] },
  "agreements.reinstate": {
    may: ["hospital", "consumer", "regulator"],
    args: ({ agreement }) => [agreement],
    prepare: "agreements.suspend",
  },
  "agreements.terminate": { may: ["hospital", "consumer", "regulator"], args: ({ agreement }) => [agreement, ""] },
  "agreements.meter": { may: [], args: ({ ledger }) => [ledger.ids.hospital, []] },
  "agreements.setApprovals": { may: ["admin"], args: () => [2] },
  "agreements.setAuthority": { may: [], args: () => [fresh] },
  "log.append": { may: ["gateway"], args: () => [0, [keccak256(toUtf8Bytes("entry"))], []] },
  // Anyone may show a broken promise; a promise that nobody signed is refused whoever shows it.
  "log.challengeLate": { may: [], args: ({ ledger }) => [ledger.ids.gateway, emptyReceipt] },
  "log.challengeReplaced": {
    may: [],
    args: ({ ledger }) => [ledger.ids.gateway, emptyReceipt, { size: 1, root: ZeroHash }, id("other"), []],
  },
  "log.challengeEquivocation": {
    may: [],
    args: ({ ledger }) => [
      ledger.ids.gateway,
      emptyReceipt,
      packedReceipt({ ...unsigned, entry: id("another") as EntryDigest }),
    ],
  },
  // By a regulator, but there is no breach here: Challenge.t.sol has both.
  "log.acknowledge": { may: [], args: ({ ledger }) => [ledger.ids.gateway] },
  "log.publishNoteKey": { may: ["gateway"], args: () => [id("note key")] },
  "manager.grantRole": { may: ["admin"], args: () => [1, fresh, 0] },
  "manager.revokeRole": { may: ["admin"], args: () => [1, fresh] },
  // The admin is the last one, and others confirm another than themselves.
  "manager.renounceRole": { may: [], args: ({ ledger }) => [0, ledger.actors.admin.address] },
  "manager.labelRole": { may: ["admin"], args: () => [7, "SEVENTH"] },
  "manager.setRoleAdmin": { may: ["admin"], args: () => [7, 1] },
  "manager.setRoleGuardian": { may: ["admin"], args: () => [7, 1] },
  "manager.setGrantDelay": { may: ["admin"], args: () => [7, 60] },
  "manager.setTargetFunctionRole": { may: ["admin"], args: () => [fresh, ["0x12345678"], 7] },
  "manager.setTargetAdminDelay": { may: ["admin"], args: () => [fresh, 60] },
  "manager.setTargetClosed": { may: [], args: () => [fresh, true] },
  "manager.updateAuthority": {
    may: ["admin"],
    args: ({ ledger }) => [ledger.contracts.participants.target, ledger.contracts.manager.target],
  },
  // Nobody here has a delay, so that there is nothing to schedule: Authority.t.sol has delays.
  "manager.schedule": { may: [], args: ({ ledger }) => [ledger.contracts.participants.target, suspension(ledger), 0] },
  "manager.execute": {
    may: ["admin"],
    args: ({ ledger }) => [ledger.contracts.participants.target, suspension(ledger)],
  },
  "manager.cancel": {
    may: [],
    args: ({ ledger }) => [ledger.actors.admin.address, ledger.contracts.participants.target, suspension(ledger)],
  },
  "manager.consumeScheduledOp": { may: [], args: ({ ledger }) => [ledger.actors.admin.address, suspension(ledger)] },
  "manager.multicall": { may: ["admin"], args: ({ ledger }) => [[labeling(ledger)]] },
};

function suspension({ contracts, ids }: Ledger): string {
  return contracts.participants.interface.encodeFunctionData("suspend", [ids.consumer, ""]);
}

function labeling({ contracts }: Ledger): string {
  return contracts.manager.interface.encodeFunctionData("labelRole", [7, "SEVENTH"]);
}

describe("role matrix", () => {
  let scene: Scene;

  beforeAll(async () => {
    const ledger = await createLedger();
    const now = (await ledger.ethers.provider.getBlock("latest"))?.timestamp ?? 0;
    const terms = makeTerms(ledger, "agreed", now);
    const agreement = await ledger.contracts.agreements.idOf(encodedTerms(terms));
    await ledger.contracts.agreements.offer(encodedTerms(terms), policyText);
    for (const capacity of ["Assigner", "Assignee", "Regulator"] as const)
      await signTerms(ledger, terms, agreement, capacity);
    const open = makeTerms(ledger, "open", now);
    const offered = await ledger.contracts.agreements.idOf(encodedTerms(open));
    await ledger.contracts.agreements.offer(encodedTerms(open), policyText);
    const delegate = ledger.actors.others[0]?.address ?? fresh;
    await ledger.contracts.participants.connect(ledger.actors.consumer).authorizeDelegate(delegate, now + 86_400);
    scene = { ledger, agreement, offered, now };
  });

  it("has a row for every function that changes state", () => {
    const { contracts } = scene.ledger;
    const functions = Object.entries(contracts).flatMap(([name, contract]) =>
      writes(contract as unknown as BaseContract).map((write) => `${name}.${write.name}`),
    );
    expect(functions.sort()).toEqual(Object.keys(table).sort());
  });

  it.each(Object.keys(table))("%s", async (name) => {
    const row = table[name];
    if (row === undefined) throw new Error(`no row for ${name}`);
    const allowed: ActorName[] = [];
    for (const actor of actorNames) if (await succeeds(name, row, actor)) allowed.push(actor);
    expect(allowed).toEqual([...row.may]);
  });

  async function succeeds(name: string, row: Row, actor: ActorName): Promise<boolean> {
    const { provider } = scene.ledger;
    const snapshot = await provider.request({ method: "evm_snapshot" });
    const isPrepared = row.prepare === undefined || (await isSent(row.prepare, table[row.prepare] as Row, actor));
    const isDone = isPrepared && (await isSent(name, row, actor));
    await provider.request({ method: "evm_revert", params: [snapshot] });
    return isDone;
  }

  async function isSent(name: string, row: Row, actor: ActorName): Promise<boolean> {
    const { actors, contracts } = scene.ledger;
    const [contractName = "", functionName = ""] = name.split(".");
    const signer = actor === "delegate" ? actors.others[0] : actors[actor];
    const contract = contracts[contractName as keyof typeof contracts] as unknown as BaseContract;
    const write = contract.connect(signer ?? null).getFunction(functionName);
    try {
      await (await write.send(...row.args(scene), { gasLimit: 5_000_000 })).wait();
      return true;
    } catch {
      return false;
    }
  }
});

function writes(contract: BaseContract): FunctionFragment[] {
  return contract.interface.fragments.filter(
    (fragment): fragment is FunctionFragment =>
      fragment.type === "function" && !["view", "pure"].includes((fragment as FunctionFragment).stateMutability),
  );
}
