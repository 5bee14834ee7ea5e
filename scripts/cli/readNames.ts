import type { Space } from "../../server/chain/space.ts";
import { listDatasets } from "../../server/client/datasets.ts";
import { listParticipants } from "../../server/client/participants.ts";
import { inert } from "./print.ts";

export type Names = Awaited<ReturnType<typeof readNames>>;

/** Names of participants and datasets by id, fit for a terminal. */
export async function readNames(space: Space) {
  const [participants, datasets] = await Promise.all([listParticipants(space), listDatasets(space)]);
  const nameIn =
    (all: readonly { readonly id: string; readonly name: string }[]) =>
    (id: string): string =>
      inert(all.find((item) => item.id === id)?.name ?? id);
  return { participant: nameIn(participants), dataset: nameIn(datasets), participants, datasets };
}
