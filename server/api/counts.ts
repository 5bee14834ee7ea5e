import { z } from "zod";
import { roles } from "../domain/roles.ts";
import { datasetStatuses, statuses } from "../domain/status.ts";
import { asOfSchema } from "./page.ts";
import { indexSchema } from "./primitives.ts";
import { outcomeSchema, reasonSchema } from "./usage.ts";

const day = z.iso.date();

/** Numbers for charts. `entries` counts the uses in this gateway's log by day (UTC); everything else is of the whole chain. */
export const countsSchema = z
  .strictObject({
    asOf: asOfSchema,
    participants: z.array(z.strictObject({ role: z.enum(roles), count: indexSchema })),
    datasets: z.array(z.strictObject({ status: z.enum(datasetStatuses), count: indexSchema })),
    agreements: z.array(z.strictObject({ status: z.enum(statuses), count: indexSchema })),
    entries: z.array(
      z.strictObject({ day, outcome: outcomeSchema, reason: reasonSchema.nullable(), count: indexSchema }),
    ),
  })
  .meta({ id: "Counts" });

/** First and last day of the uses that are counted, both inclusive; the last 30 days by default. */
export const countsQuery = z.strictObject({ from: day.optional(), until: day.optional() });
