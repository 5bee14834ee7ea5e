import { z } from "zod";
import { roles } from "../domain/roles.ts";
import { datasetStatuses, statuses } from "../domain/status.ts";
import { asOfSchema } from "./page.ts";
import { indexSchema } from "./primitives.ts";

/** Numbers for charts, of the whole chain. */
export const countsSchema = z
  .strictObject({
    asOf: asOfSchema,
    participants: z.array(z.strictObject({ role: z.enum(roles), count: indexSchema })),
    datasets: z.array(z.strictObject({ status: z.enum(datasetStatuses), count: indexSchema })),
    agreements: z.array(z.strictObject({ status: z.enum(statuses), count: indexSchema })),
  })
  .meta({ id: "Counts" });
