import { z } from "zod";
import type { AgreementId, DatasetId, ParticipantId, RequestDigest } from "../domain/ids.ts";
import { trailActs } from "../domain/trailAct.ts";
import { proofSchema } from "./gateway.ts";
import { namedSchema, pageQuery } from "./page.ts";
import { bytes32, indexSchema, text, time } from "./primitives.ts";
import { entrySchema, outcomeSchema, reasonSchema, receiptSchema } from "./usage.ts";

const day = z.iso.date();

/** Which entries are meant. All that is given must hold; `from` inclusive, `until` exclusive. */
const filterMembers = {
  kind: z.enum(["Usage", "Trail"]).optional(),
  act: z.enum(trailActs).optional(),
  hospital: bytes32<ParticipantId>().optional(),
  gateway: bytes32<ParticipantId>().optional(),
  participant: bytes32<ParticipantId>().optional().meta({ description: "Whose keys signed: the consumer of a use" }),
  agreement: bytes32<AgreementId>().optional(),
  dataset: bytes32<DatasetId>().optional(),
  purpose: text.min(1).max(64).optional(),
  outcome: outcomeSchema.optional(),
  reason: reasonSchema.optional(),
  request: bytes32<RequestDigest>().optional(),
  from: time.optional(),
  until: time.optional(),
};
export const entryFilter = z.strictObject(filterMembers);
export type EntryFilter = z.output<typeof entryFilter>;

export const entryQuery = z.strictObject({ ...filterMembers, ...pageQuery });

/** Everything that a filter means, in one format: FHIR AuditEvents of IHE BALP, one a line, CSV for spreadsheets, or entries as they stand. */
export const exportQuery = z.strictObject({ ...filterMembers, format: z.enum(["fhir", "csv", "json"]) });

/** An entry with what the chain tells of the ids in it. */
export const entryItemSchema = z
  .strictObject({
    index: indexSchema,
    state: z.enum(["Appended", "Anchored"]),
    entry: entrySchema,
    participant: namedSchema.nullable().meta({ description: "Whose key signed; null if the chain knows none" }),
    dataset: namedSchema.nullable().meta({ description: "What the agreement is about; null if the chain knows none" }),
  })
  .meta({ id: "EntryItem" });
export type EntryItem = z.output<typeof entryItemSchema>;

const reading = indexSchema.meta({ description: "The index of the entry that records this reading" });

/** Entries, newest first. `appended` is how many the log has, `anchored` how many of them are covered by a head on chain. */
export const entryPage = z
  .strictObject({
    appended: indexSchema,
    anchored: indexSchema,
    reading,
    items: z.array(entryItemSchema),
    next: z.string().nullable(),
  })
  .meta({ id: "EntryPage" });

const about = z.record(z.string(), z.unknown()).meta({
  description:
    "What an act upon the trail was about, of which the entry holds the SHA-256: a filter, a finding, settings. Null for a use",
});

/** One entry with a receipt for it, and the proof that it is anchored, null until it is. */
export const entryShown = z
  .strictObject({
    reading,
    item: entryItemSchema,
    about: about.nullable(),
    receipt: receiptSchema,
    proof: proofSchema.nullable(),
  })
  .meta({ id: "EntryShown" });

export const countKeys = ["none", "kind", "outcome", "reason", "participant", "agreement", "purpose"] as const;
export type CountKey = (typeof countKeys)[number];

const { request: _, from: __, until: ___, ...countable } = filterMembers;

/** First and last day (UTC), both inclusive; the last 30 days by default, 400 at most. */
export const entryCountQuery = z.strictObject({
  ...countable,
  by: z.enum(countKeys).optional(),
  from: day.optional(),
  until: day.optional(),
});

/** How many entries each day had, apart by what was asked for. */
export const entryCounts = z
  .strictObject({
    counted: indexSchema.meta({ description: "How many entries of the log these counts know" }),
    items: z.array(
      z.strictObject({
        day,
        key: z
          .string()
          .nullable()
          .meta({ description: "An id, a reason, an outcome …; null where the entry has none" }),
        name: z.string().nullable().meta({ description: "Of the participant that the key is the id of" }),
        count: indexSchema,
      }),
    ),
  })
  .meta({ id: "EntryCounts" });
