import { z } from "zod";
import type { ParticipantId } from "../domain/ids.ts";
import { contractNames } from "../domain/manifest.ts";
import { namedSchema, pageOf, pageQuery } from "./page.ts";
import { bytes32, indexSchema, time } from "./primitives.ts";

/** What happened on chain to one participant, dataset or agreement. */
export const eventSchema = z
  .strictObject({
    contract: z.enum(contractNames),
    name: z.string(),
    block: indexSchema,
    time,
    transaction: bytes32(),
    logIndex: indexSchema,
    actor: namedSchema.nullable().meta({ description: "Who signed or did it, where the event tells" }),
    args: z.record(z.string(), z.unknown()).meta({ description: "The members of the event, by name" }),
  })
  .meta({ id: "ChainEvent" });

export const eventQuery = z.strictObject(pageQuery);
export const eventPage = pageOf(eventSchema).meta({ id: "ChainEventPage" });

/** The head of a gateway's log after one batch. */
const headSchema = z
  .strictObject({
    gateway: namedSchema,
    start: indexSchema,
    size: indexSchema,
    root: bytes32(),
    block: indexSchema,
    time,
    transaction: bytes32(),
  })
  .meta({ id: "TreeHead" });

export const headQuery = z.strictObject({ ...pageQuery, gateway: bytes32<ParticipantId>().optional() });
export const headPage = pageOf(headSchema).meta({ id: "TreeHeadPage" });
