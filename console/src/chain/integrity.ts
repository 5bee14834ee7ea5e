import type { Output } from "../../../server/api/routes.ts";
import { numberFields } from "../../../server/domain/dataset.ts";
import type { Provider } from "../wallet/eip1193.ts";
import { interfaces } from "./abi.ts";
import {
  agreementId,
  datasetId,
  type Description,
  descriptionHash,
  encodedTerms,
  participantId,
  policyHash,
  type Terms,
} from "./terms.ts";
import { askChain, type Manifest } from "./transact.ts";

type Agreement = Output<"agreement">["agreement"];
type Participant = Output<"participant">["participant"];

/** What must be so for what is shown to be what is signed. */
export const shownChecks = ["terms", "policy", "fields", "parties"] as const;
export type ShownCheck = (typeof shownChecks)[number];

/** What is shown beside the terms themselves, and what they name it by. */
export type Shown = {
  readonly agreement: Agreement;
  readonly description: Description | undefined;
  readonly assigner: Pick<Participant, "id" | "name" | "registrationNumber">;
  readonly assignee: Pick<Participant, "id" | "name" | "registrationNumber">;
};

/** Recomputes from what is shown every digest that the terms name it by, and the id from the terms. Gives those that fail. */
export function failedChecks({ agreement, description, assigner, assignee }: Shown, manifest: Manifest): ShownCheck[] {
  const { id, terms, policy, fields } = agreement;
  const holds: Readonly<Record<ShownCheck, () => boolean>> = {
    terms: () => agreementId(terms, registryOf(manifest)) === id,
    policy: () => policyHash(policy) === terms.policy,
    fields: () =>
      description !== undefined &&
      descriptionHash(description) === terms.description &&
      JSON.stringify(licensed(description, terms)) ===
        JSON.stringify(fields?.map(({ number, table, name, level }) => [number, table, name, level])),
    parties: () =>
      datasetId(terms.assigner, agreement.dataset.name) === terms.dataset &&
      [
        [assigner, terms.assigner, agreement.assigner],
        [assignee, terms.assignee, agreement.assignee],
      ].every(([party, inTerms, shown]) => isParty(party as Shown["assigner"], inTerms as string, shown as Named)),
  };
  return shownChecks.filter((check) => !holds[check]());
}

/** Whether the chain itself, asked through the wallet, holds these very terms under this id. */
export async function chainHolds(provider: Provider, manifest: Manifest, id: string, terms: Terms): Promise<boolean> {
  const registry = interfaces.AgreementRegistry;
  const to = manifest.contracts.AgreementRegistry.address;
  const data = registry.encodeFunctionData("terms", [id]);
  const answer = await askChain(provider, "eth_call", [{ to, data }, "latest"]);
  return answer === registry.encodeFunctionResult("terms", [encodedTerms(terms)]);
}

/** Whether the chain itself, asked through the wallet, calls these participants by these very names. */
export async function chainNames(provider: Provider, manifest: Manifest, shown: readonly Named[]): Promise<boolean> {
  const registry = interfaces.ParticipantRegistry;
  const to = manifest.contracts.ParticipantRegistry.address;
  const same = await Promise.all(
    shown.map(async ({ id, name }) => {
      const data = registry.encodeFunctionData("participant", [id]);
      const answer = String(await askChain(provider, "eth_call", [{ to, data }, "latest"]));
      return registry.decodeFunctionResult("participant", answer)[0].name === name;
    }),
  );
  return same.every(Boolean);
}

/** The digest that the contract expects a signature of. */
export async function chainDigest(
  provider: Provider,
  manifest: Manifest,
  id: string,
  capacity: number,
  signer: string,
): Promise<string> {
  const registry = interfaces.AgreementRegistry;
  const to = manifest.contracts.AgreementRegistry.address;
  const data = registry.encodeFunctionData("digestToSign", [id, capacity, signer]);
  return String(await askChain(provider, "eth_call", [{ to, data }, "latest"]));
}

export function registryOf({ chainId, contracts }: Manifest) {
  return { chainId, verifyingContract: contracts.AgreementRegistry.address };
}

type Named = { readonly id: string; readonly name: string };

function isParty({ id, name, registrationNumber }: Shown["assigner"], inTerms: string, shown: Named): boolean {
  return id === inTerms && participantId(registrationNumber) === inTerms && shown.id === inTerms && shown.name === name;
}

function licensed(description: Description, { fields }: Terms) {
  const bitmap = BigInt(fields);
  return numberFields(description)
    .filter(({ number }) => (bitmap >> BigInt(number)) % 2n === 1n)
    .map(({ number, table, name, level }) => [number, table, name, level]);
}
