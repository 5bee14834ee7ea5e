import { z } from "zod";
import type { Input } from "../../../server/api/routes.ts";
import { outcomeSchema, reasonSchema } from "../../../server/api/usage.ts";
import type { DatasetId, ParticipantId } from "../../../server/domain/ids.ts";

/** Which entries are meant, as the gateway is asked. */
export type Filter = Omit<Input<"entries">, "cursor" | "limit">;

const id = z.string().regex(/^0x[0-9a-f]{64}$/);

/** The same as a person chooses it: days, where the reader is. */
const members = {
  kind: z.enum(["Usage", "Trail"]),
  outcome: outcomeSchema,
  reason: reasonSchema,
  participant: id,
  dataset: id,
  from: z.iso.date(),
  until: z.iso.date(),
};
export type Fields = { readonly [M in keyof typeof members]?: z.output<(typeof members)[M]> | undefined };

/** What an address says of it; what it says of nothing that can be chosen is left out. */
export function givenIn(parameters: URLSearchParams): Readonly<Record<string, string>> {
  const given = Object.entries(members).flatMap(([name, schema]) => {
    const read = schema.safeParse(parameters.get(name));
    return read.success ? [[name, read.data] as const] : [];
  });
  return Object.fromEntries(given);
}

export function filterOf({ kind, outcome, reason, participant, dataset, from, until }: Fields): Filter {
  return {
    ...(kind && { kind }),
    ...(outcome && { outcome }),
    ...(reason && { reason }),
    ...(participant && { participant: participant as ParticipantId }),
    ...(dataset && { dataset: dataset as DatasetId }),
    ...(from && { from: startOf(from) }),
    ...(until && { until: startOf(until) }),
  };
}

/** The first moment of a day where the reader is. */
function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}
