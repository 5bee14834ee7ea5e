import { readEvents } from "../../server/chain/events.ts";
import type { Space } from "../../server/chain/space.ts";
import type { PublishedAgreement } from "../../server/client/agreements.ts";
import type { AgreementId } from "../../server/domain/ids.ts";
import { capacities } from "../../server/domain/terms.ts";
import { inert, printTable } from "./print.ts";
import { readNames } from "./readNames.ts";
import { showTerms } from "./showTerms.ts";

/** Prints every term of an agreement, the licensed fields with their levels, and its history. */
export async function showAgreement(space: Space, agreement: PublishedAgreement): Promise<void> {
  const names = await readNames(space);
  showTerms(agreement, names, standingOf(agreement));
  await showHistory(space, agreement.id, names.participant);
}

/** What became of an agreement so far. */
export function standingOf({ status, uses, terms }: PublishedAgreement): Readonly<Record<string, string>> {
  return { status, uses: `${uses} of ${terms.maxUses}` };
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
