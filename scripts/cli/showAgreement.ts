import { readEvents } from "../../server/chain/events.ts";
import type { Space } from "../../server/chain/space.ts";
import type { PublishedAgreement } from "../../server/client/agreements.ts";
import { listDatasets } from "../../server/client/datasets.ts";
import { listParticipants } from "../../server/client/participants.ts";
import { numberFields } from "../../server/domain/dataset.ts";
import { zeroHash } from "../../server/domain/hash.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { capacities } from "../../server/domain/terms.ts";
import { inert, printFacts, printTable, writeTime } from "./print.ts";

/** Names of participants and datasets by id, fit for a terminal. */
export async function readNames(space: Space) {
  const [participants, datasets] = await Promise.all([listParticipants(space), listDatasets(space)]);
  const nameIn =
    (all: readonly { readonly id: string; readonly name: string }[]) =>
    (id: string): string =>
      inert(all.find((item) => item.id === id)?.name ?? id);
  return { participant: nameIn(participants), dataset: nameIn(datasets), datasets };
}

/** Prints every term of an agreement, the licensed fields with their levels, and its history. */
export async function showAgreement(space: Space, agreement: PublishedAgreement): Promise<void> {
  const { id, terms, policy, status, uses } = agreement;
  const names = await readNames(space);
  printFacts({
    id,
    status,
    assigner: `${names.participant(terms.assigner)} (${terms.assigner})`,
    assignee: `${names.participant(terms.assignee)} (${terms.assignee})`,
    dataset: `${names.dataset(terms.dataset)} (${terms.dataset})`,
    purpose: inert(terms.purpose),
    rows: terms.rows === "" ? "all" : inert(terms.rows),
    disclosure: terms.disclosure,
    "smallest cohort": `${terms.minCohort} patients`,
    uses: `${uses} of ${terms.maxUses}`,
    "rows an answer": `at most ${terms.maxRows}`,
    "valid from": writeTime(terms.validFrom),
    "valid until": `${writeTime(terms.validUntil)} (exclusive)`,
    assurance: terms.assurance,
    replaces: terms.replaces === (zeroHash as string) ? "nothing" : terms.replaces,
    policy: inert(policy.trim()),
  });
  console.log("");
  const described = names.datasets.find(
    ({ id: dataset, descriptionHash }) => dataset === terms.dataset && descriptionHash === terms.description,
  );
  if (described === undefined) console.log("The dataset's description has changed since; a new agreement is needed.");
  const licensed = (described === undefined ? [] : numberFields(described.description)).filter(
    ({ number }) => (terms.fields >> BigInt(number)) % 2n === 1n,
  );
  printTable(
    ["field", "type", "level"],
    licensed.map((field) => [inert(`${field.table}.${field.name}`), field.fieldType, field.level]),
  );
  console.log("");
  await showHistory(space, id, names.participant);
}

async function showHistory(space: Space, id: AgreementId, nameOf: (id: string) => string): Promise<void> {
  const events = await readEvents(space, "AgreementRegistry", id);
  const rows = events.map(({ name, args, block }) => {
    const { by, signer, capacity, reason = "" } = args.toObject();
    const who = by ?? signer;
    return [
      String(block),
      name.replace("Agreement", ""),
      capacity === undefined ? "" : (capacities[Number(capacity)] ?? ""),
      who === undefined ? "" : nameOf(who),
      inert(reason),
    ];
  });
  printTable(["block", "event", "capacity", "by", "reason"], rows);
}
