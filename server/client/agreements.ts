import type { TransactionReceipt, Wallet } from "ethers";
import { toTerms } from "../chain/decode.ts";
import { encodedTerms } from "../chain/encode.ts";
import { type ChainEvent, readEvents } from "../chain/events.ts";
import { interfaces } from "../chain/interfaces.ts";
import type { Space } from "../chain/space.ts";
import { write } from "../chain/write.ts";
import type { AgreementId, Hex, ParticipantId } from "../domain/ids.ts";
import { type Status, statuses } from "../domain/status.ts";
import { type Capacity, capacities, type Terms } from "../domain/terms.ts";
import { agreementId, eip712Domain, signatureTypes } from "../domain/typedData.ts";

/** An agreement as the chain tells it now. */
export type PublishedAgreement = {
  readonly id: AgreementId;
  readonly terms: Terms;
  readonly policy: string;
  readonly status: Status;
  readonly uses: bigint;
};

/** Publishes terms. Anyone may send them: they bind nobody until all have signed. */
export async function offer(space: Space, sender: Wallet, terms: Terms, policy: string): Promise<AgreementId> {
  await write(space, sender, "AgreementRegistry", "offer", [encodedTerms(terms), policy]);
  return agreementId(terms, space.domainOf("AgreementRegistry"));
}

/** Signs the whole terms in a capacity; the wallet is shown every one of them. */
export async function signTerms(
  space: Space,
  wallet: Wallet,
  terms: Terms,
  capacity: Capacity,
  signer: ParticipantId,
): Promise<Hex> {
  const domain = eip712Domain(space.domainOf("AgreementRegistry"));
  return (await wallet.signTypedData(domain, signatureTypes, { capacity, signer, terms })) as Hex;
}

/** Puts a signature on chain. Anyone may relay it. */
export function relaySignature(
  space: Space,
  sender: Wallet,
  id: AgreementId,
  capacity: Capacity,
  signer: ParticipantId,
  signature: Hex,
): Promise<TransactionReceipt> {
  return write(space, sender, "AgreementRegistry", "sign", [id, capacities.indexOf(capacity), signer, signature]);
}

/** Reads one agreement; undefined if the chain has none. Its terms are checked against its id. */
export async function readAgreement(space: Space, id: AgreementId): Promise<PublishedAgreement | undefined> {
  const offered = (await readEvents(space, "AgreementRegistry", id)).find(({ name }) => name === "AgreementOffered");
  return offered && published(space, offered);
}

/** Lists the ids of all agreements in order of their offers. */
export async function listAgreementIds(space: Space): Promise<{ readonly id: AgreementId }[]> {
  const events = await readEvents(space, "AgreementRegistry");
  return events.filter(({ name }) => name === "AgreementOffered").map(({ args }) => ({ id: args.id as AgreementId }));
}

/** Lists all agreements in order of their offers. */
export async function listAgreements(space: Space): Promise<PublishedAgreement[]> {
  const events = await readEvents(space, "AgreementRegistry");
  return Promise.all(events.filter(({ name }) => name === "AgreementOffered").map((event) => published(space, event)));
}

async function published(space: Space, { args }: ChainEvent): Promise<PublishedAgreement> {
  const terms = toTerms(args.terms);
  const id = agreementId(terms, space.domainOf("AgreementRegistry"));
  if (id !== args.id) throw new Error("the node shows terms that do not belong to this agreement");
  const [status, uses] = await Promise.all([ask(space, "status", id), ask(space, "usesOf", id)]);
  return { id, terms, policy: args.policy, status: statuses[Number(status)] ?? "Unknown", uses };
}

async function ask(space: Space, method: string, id: AgreementId): Promise<bigint> {
  const registry = interfaces.AgreementRegistry;
  const to = space.manifest.contracts.AgreementRegistry.address;
  const answer = await space.send("eth_call", [{ to, data: registry.encodeFunctionData(method, [id]) }, "latest"]);
  return registry.decodeFunctionResult(method, answer as Hex)[0];
}
