import type { Space } from "../../server/chain/space.ts";
import { listAgreementIds, type PublishedAgreement, readAgreement } from "../../server/client/agreements.ts";
import { Mistake, pick } from "./context.ts";

/** Finds an agreement by its id or the start of it. */
export async function pickAgreement(space: Space, asked: string): Promise<PublishedAgreement> {
  const { id } = pick("agreement", asked, await listAgreementIds(space), (item) => [item.id]);
  const found = await readAgreement(space, id);
  if (found === undefined) throw new Mistake(`the chain shows no agreement ${id}.`);
  return found;
}
