import type pg from "pg";
import type { RouteName } from "../api/routes.ts";
import { listAgreements, readAgreement } from "../readmodel/agreements.ts";
import { readCounts } from "../readmodel/counts.ts";
import { listDatasets, readDataset } from "../readmodel/datasets.ts";
import { listEvents, listHeads } from "../readmodel/events.ts";
import { ReadModelEmpty } from "../readmodel/page.ts";
import { listParticipants, readParticipant } from "../readmodel/participants.ts";
import type { Handler } from "./mount.ts";

const names = [
  "participants",
  "participant",
  "participantEvents",
  "datasets",
  "dataset",
  "datasetEvents",
  "agreements",
  "agreement",
  "agreementEvents",
  "heads",
  "counts",
] as const satisfies readonly RouteName[];

/** Routes that are answered from the read model. */
export type ReadHandlers = { readonly [Name in (typeof names)[number]]: Handler<Name> };

/**
 * Makes the handlers of the read model's routes. They refuse until it has caught up with the chain.
 * @param now Unix seconds.
 */
export function createReadHandlers(pool: pg.Pool, caughtUp: () => boolean, now: () => number): ReadHandlers {
  const known = (): pg.Pool => {
    if (!caughtUp()) throw new ReadModelEmpty("the read model has not caught up with the chain");
    return pool;
  };
  return {
    participants: (asked) => listParticipants(known(), asked),
    participant: ({ id }) => readParticipant(known(), id),
    participantEvents: ({ id, ...page }) => listEvents(known(), id, page),
    datasets: (asked) => listDatasets(known(), asked),
    dataset: ({ id }) => readDataset(known(), id),
    datasetEvents: ({ id, ...page }) => listEvents(known(), id, page),
    agreements: (asked) => listAgreements(known(), asked, now()),
    agreement: ({ id }) => readAgreement(known(), id, now()),
    agreementEvents: ({ id, ...page }) => listEvents(known(), id, page),
    heads: (asked) => listHeads(known(), asked),
    counts: (asked) => readCounts(known(), asked, now()),
  };
}
