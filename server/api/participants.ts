import { z } from "zod";
import type { ParticipantId } from "../domain/ids.ts";
import { roles } from "../domain/roles.ts";
import { namedSchema, pageOf, pageQuery, searchText } from "./page.ts";
import { addressSchema, bytes32, indexSchema, time } from "./primitives.ts";

const keySchema = z.strictObject({
  key: addressSchema,
  from: time,
  until: time.nullable(),
  delegate: z.boolean(),
});

export const participantSchema = z
  .strictObject({
    id: bytes32<ParticipantId>(),
    registrationNumber: z.string(),
    name: z.string(),
    roles: z.array(z.enum(roles)),
    status: z.enum(["Active", "Suspended"]),
    hospital: namedSchema.nullable().meta({ description: "For which hospital a gateway acts" }),
    key: addressSchema,
    keys: z.array(keySchema).meta({ description: "All keys that ever acted, half-open periods" }),
    admittedAt: time,
    suspendedAt: time.nullable(),
    log: z
      .strictObject({ size: indexSchema, root: bytes32(), breachedIndex: indexSchema.nullable() })
      .nullable()
      .meta({ description: "The audit trail of a gateway, as the chain has it" }),
  })
  .meta({ id: "Participant" });

export const participantQuery = z.strictObject({ ...pageQuery, role: z.enum(roles).optional(), text: searchText });
export const participantPage = pageOf(participantSchema).meta({ id: "ParticipantPage" });
