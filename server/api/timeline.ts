import { z } from "zod";
import { eventSchema } from "./events.ts";
import { indexSchema, time } from "./primitives.ts";
import { outcomeSchema, reasonSchema } from "./usage.ts";
import { asOfSchema } from "./page.ts";

/** The life of an agreement: what happened to it on chain, and how it was used, each oldest first. */
export const timelineSchema = z
  .strictObject({
    asOf: asOfSchema,
    events: z.array(eventSchema).meta({ description: "All but the counting of uses; the first 1,000" }),
    uses: z.array(
      z.strictObject({
        day: z.iso.date(),
        outcome: outcomeSchema,
        reason: reasonSchema.nullable(),
        count: indexSchema,
      }),
    ),
    firstUse: time.nullable().meta({ description: "Of the uses that were permitted" }),
    lastUse: time.nullable(),
  })
  .meta({ id: "Timeline" });
