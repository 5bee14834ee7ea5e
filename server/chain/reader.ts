import { type Result, toQuantity } from "ethers";
import type { Description } from "../domain/dataset.ts";
import { zeroHash } from "../domain/hash.ts";
import type { Address, AgreementId, DatasetId, Hash, Hex, ParticipantId } from "../domain/ids.ts";
import type { ContractName, Manifest } from "../domain/manifest.ts";
import { type DenialReason, denialReasons } from "../domain/reasons.ts";
import { type Role, rolesOf } from "../domain/roles.ts";
import { type Disclosure, disclosures, type Terms } from "../domain/terms.ts";
import { agreementId, datasetId, descriptionHash } from "../domain/typedData.ts";
import { toDescription, toTerms } from "./decode.ts";
import { interfaces } from "./interfaces.ts";
import type { Send } from "./provider.ts";

/** One question to the policy. `time` is unix seconds. */
export type PolicyQuestion = {
  readonly gateway: ParticipantId;
  readonly agreement: AgreementId;
  readonly signer: Address;
  readonly purpose: string;
  readonly fields: bigint;
  readonly disclosure: Disclosure;
  readonly time: number;
};

/** The policy's answer: holds at its block until `until` (unix seconds) and for `usesLeft` uses. */
export type Decision = { readonly reason: DenialReason | null; readonly until: number; readonly usesLeft: bigint };

/** A dataset as an agreement over it means it. */
export type Dataset = { readonly name: string; readonly description: Description };

/** Log of a gateway as the chain has it. `breachedAt` is 0 if no breach stands. */
export type LogState = { readonly size: number; readonly root: Hash; readonly breachedAt: number };

/** A participant as one of its keys stands for it. `suspendedAt` is 0 if it is active. */
export type ActingParticipant = {
  readonly id: ParticipantId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly isDelegate: boolean;
  readonly suspendedAt: number;
};

/** Facts of an agreement's life as the contract keeps them: unix seconds, 0 for what has not happened. */
export type AgreementLife = {
  readonly offeredAt: number;
  /** Of assigner and assignee. */
  readonly signedAt: readonly number[];
  readonly finalizedAt: number;
  readonly terminatedAt: number;
  /** Of how many regulators. */
  readonly approvals: number;
  /** By capacity. */
  readonly suspendedAt: readonly number[];
  readonly replacedBy: AgreementId;
};

/** From when until when, half-open in unix seconds, a key acts for a participant. */
export type Period = { readonly from: number; readonly until: number };

/** Until when a key acts that nothing ends. */
export const forever = 2 ** 48 - 1;

/** Reads of our contracts, each at one block named by its hash. All reject if the node does not answer as it should. */
export type ChainReader = {
  readonly evaluate: (question: PolicyQuestion, block: Hash) => Promise<Decision>;
  /** Terms of an agreement, checked against its id; undefined if the chain has none. */
  readonly terms: (id: AgreementId, block: Hash) => Promise<Terms | undefined>;
  /** All zero for an agreement that the chain does not have. */
  readonly facts: (id: AgreementId, block: Hash) => Promise<AgreementLife>;
  /** The first agreement of the chain of replacements, under which uses count. */
  readonly lineage: (id: AgreementId, block: Hash) => Promise<AgreementId>;
  /** A dataset's name and its description with this hash, each checked against its hash; undefined if that was not published. */
  readonly dataset: (id: DatasetId, hash: Hash) => Promise<Dataset | undefined>;
  readonly log: (gateway: ParticipantId, block: Hash) => Promise<LogState>;
  /** The Ed25519 key with which a gateway signs notes; zero if it has none. */
  readonly noteKey: (gateway: ParticipantId, block: Hash) => Promise<Hash>;
  /** Which gateway a key acts for, and for which hospital that gateway acts; undefined if the key is no gateway's. */
  readonly gatewayOf: (
    key: Address,
    block: Hash,
  ) => Promise<{ gateway: ParticipantId; hospital: ParticipantId } | undefined>;
  /** For which participant a key acts at this time; undefined if for none. */
  readonly participantOf: (key: Address, time: number, block: Hash) => Promise<ActingParticipant | undefined>;
  readonly isAdmitted: (participant: ParticipantId, block: Hash) => Promise<boolean>;
  /** When a key acts for a participant; from 0 until 0 if it never did. */
  readonly periodOf: (key: Address, participant: ParticipantId, block: Hash) => Promise<Period>;
  /** Whether `key` acted for a participant at this time. */
  readonly isKeyOf: (key: Address, participant: ParticipantId, time: number, block: Hash) => Promise<boolean>;
};

export function createChainReader(send: Send, manifest: Manifest): ChainReader {
  const addressOf = (name: ContractName): Address => manifest.contracts[name].address;
  const registry = { chainId: manifest.chainId, verifyingContract: addressOf("AgreementRegistry") };

  const callAll = async (name: keyof typeof interfaces, method: string, args: readonly unknown[], block: Hash) => {
    const data = interfaces[name].encodeFunctionData(method, args);
    const answer = await send("eth_call", [{ to: addressOf(name), data }, { blockHash: block }]);
    return interfaces[name].decodeFunctionResult(method, answer as Hex);
  };
  const call = async (...asked: Parameters<typeof callAll>) => (await callAll(...asked))[0];

  return Object.freeze<ChainReader>({
    evaluate: async (question, block) => {
      const request = { ...question, disclosure: disclosures.indexOf(question.disclosure) };
      const answer = await call("UsagePolicy", "evaluate", [request], block);
      const reason = answer.reason === 0n ? null : denialReasons[Number(answer.reason) - 1];
      if (reason === undefined || answer.permitted !== (reason === null))
        throw new Error("the policy's answer makes no sense");
      return { reason, until: Number(answer.until), usesLeft: answer.usesLeft };
    },
    terms: async (id, block) => {
      const terms = toTerms(await call("AgreementRegistry", "terms", [id], block));
      if (terms.validUntil === 0) return undefined;
      if (agreementId(terms, registry) !== id)
        throw new Error("the node shows terms that do not belong to this agreement");
      return terms;
    },
    facts: async (id, block) => {
      const facts = await call("AgreementRegistry", "facts", [id], block);
      return {
        offeredAt: Number(facts.offeredAt),
        signedAt: [facts.assignerSignedAt, facts.assigneeSignedAt].map(Number),
        finalizedAt: Number(facts.finalizedAt),
        terminatedAt: Number(facts.terminatedAt),
        approvals: Number(facts.approvals),
        suspendedAt: [...facts.suspendedAt].map(Number),
        replacedBy: facts.replacedBy,
      };
    },
    lineage: async (id, block) => (await call("AgreementRegistry", "facts", [id], block)).lineage as AgreementId,
    dataset: async (id, hash) => {
      const events = await datasetEvents(send, manifest, id);
      const [registered] = events;
      if (registered === undefined || datasetId(registered.holder, registered.name) !== id) return undefined;
      const description = events
        .map((event) => toDescription(event.description))
        .find((found) => descriptionHash(found) === hash);
      return description && { name: registered.name, description };
    },
    log: async (gateway, block) => {
      const log = await call("AccessLog", "log", [gateway], block);
      const size = Number(log.size);
      if (!Number.isSafeInteger(size)) throw new Error("the node shows a log of a size that makes no sense");
      return { size, root: log.root as Hash, breachedAt: Number(log.breachedAt) };
    },
    noteKey: (gateway, block) => call("AccessLog", "noteKeyOf", [gateway], block),
    gatewayOf: async (key, block) => {
      const { participant } = await call("ParticipantRegistry", "keyRecord", [key], block);
      const { hospital } = await call("ParticipantRegistry", "participant", [participant], block);
      return hospital === zeroHash ? undefined : { gateway: participant, hospital };
    },
    participantOf: async (key, time, block) => {
      const { participant: id, isDelegate } = await call("ParticipantRegistry", "keyRecord", [key], block);
      if (id === zeroHash) return undefined;
      const [acts, { name, roles: set, suspendedAt }] = await Promise.all([
        call("ParticipantRegistry", "isKeyOf", [key, id, time], block),
        call("ParticipantRegistry", "participant", [id], block),
      ]);
      return acts ? { id, name, roles: rolesOf(Number(set)), isDelegate, suspendedAt: Number(suspendedAt) } : undefined;
    },
    isAdmitted: async (participant, block) =>
      (await call("ParticipantRegistry", "participant", [participant], block)).admittedAt !== 0n,
    periodOf: async (key, participant, block) => {
      const [from, until] = await callAll("ParticipantRegistry", "periodOf", [key, participant], block);
      return { from: Number(from), until: Number(until) };
    },
    isKeyOf: (key, participant, time, block) => call("ParticipantRegistry", "isKeyOf", [key, participant, time], block),
  });
}

async function datasetEvents(send: Send, manifest: Manifest, id: DatasetId): Promise<Result[]> {
  const { address } = manifest.contracts.DatasetRegistry;
  const names = ["DatasetRegistered", "DatasetUpdated"].map(
    (name) => interfaces.DatasetRegistry.getEvent(name)?.topicHash,
  );
  const logs = await send("eth_getLogs", [
    { address, topics: [names, id], fromBlock: toQuantity(manifest.block), toBlock: "latest" },
  ]);
  return (logs as { topics: string[]; data: string }[]).flatMap((log) => {
    const event = interfaces.DatasetRegistry.parseLog(log);
    return event === null ? [] : [event.args];
  });
}
