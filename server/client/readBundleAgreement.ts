import { toDescription, toTerms } from "../chain/decode.ts";
import { type ChainEvent, readEvents } from "../chain/events.ts";
import type { Space } from "../chain/space.ts";
import type { Description } from "../domain/dataset.ts";
import type { Address, AgreementId, Hex, ParticipantId } from "../domain/ids.ts";
import { capacities, type Terms } from "../domain/terms.ts";
import { descriptionHash } from "../domain/typedData.ts";
import { type BundleAgreement, plainTerms } from "../proof/bundle.ts";
import type { BlockFacts } from "../proof/verifyLog.ts";
import { type PlacedEvent, readAgreementLife } from "./agreementLife.ts";

/** Reads an agreement with all that proves it: texts, signatures, and what happened to it up to a block; undefined if there is none. */
export async function readBundleAgreement(
  space: Space,
  id: AgreementId,
  last: BlockFacts,
): Promise<BundleAgreement | undefined> {
  const placed = (await readAgreementLife(space, id)).filter(({ block }) => block.number <= last.number);
  const offered = placed.map(({ event }) => event).find(({ name }) => name === "AgreementOffered");
  if (offered === undefined) return undefined;
  const terms = toTerms(offered.args.terms);
  return {
    type: "agreement",
    id,
    terms: plainTerms(terms),
    policy: offered.args.policy,
    description: (await readDescription(space, terms, last)) ?? null,
    approvals: await readApprovals(space, terms, placed),
    signatures: placed.flatMap(({ event, block }) =>
      event.name === "AgreementSigned" ? [toSignature(event, block)] : [],
    ),
    events: placed
      .filter(({ event }) => event.name !== "AgreementSigned")
      .map(({ event: { name, args }, block }) => ({ name, capacity: capacityOf(args.capacity), block })),
  };
}

function toSignature({ args }: ChainEvent, block: BlockFacts): BundleAgreement["signatures"][number] {
  return {
    capacity: capacityOf(args.capacity) ?? "Regulator",
    signer: args.signer as ParticipantId,
    key: String(args.key).toLowerCase() as Address,
    signature: args.signature as Hex,
    block,
  };
}

const capacityOf = (number: unknown) => (number === undefined ? null : (capacities[Number(number)] ?? null));

/** How many regulators had to approve an agreement when it was finalized, as events tell; null if it was not. */
async function readApprovals(space: Space, { dataset }: Terms, placed: readonly PlacedEvent[]): Promise<number | null> {
  const finalized = placed.find(({ event }) => event.name === "AgreementFinalized")?.event.block;
  if (finalized === undefined) return null;
  const numberOf = (events: readonly ChainEvent[], read: (event: ChainEvent) => unknown, until: number): number =>
    events.reduce((found, event) => (event.block <= until ? Number(read(event) ?? found) : found), 0);
  const { block } = space.manifest;
  const general = await readEvents(space, "AgreementRegistry", undefined, finalized, block, ["ApprovalsSet"]);
  const own = await readEvents(space, "DatasetRegistry", dataset, finalized);
  // a change in the very block came before or after: the lower number is what was surely demanded
  const demanded = [finalized - 1, finalized].map((until) =>
    Math.max(
      numberOf(general, ({ args }) => args.approvals, until),
      numberOf(own, ({ args }) => args.toObject().rules?.approvals, until),
    ),
  );
  return Math.min(...demanded);
}

async function readDescription(space: Space, { dataset, description }: Terms, last: BlockFacts) {
  const events = await readEvents(space, "DatasetRegistry", dataset, last.number);
  return events
    .flatMap(({ args }): Description[] => {
      // only two of the events have one
      const published: unknown = args.toObject().description;
      return published === undefined ? [] : [toDescription(published)];
    })
    .find((found) => descriptionHash(found) === description);
}
