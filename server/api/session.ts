import { z } from "zod";
import type { ParticipantId } from "../domain/ids.ts";
import { roles } from "../domain/roles.ts";
import { addressSchema, bytes32, signatureSchema, text, time } from "./primitives.ts";

/** What a sign-in message (EIP-4361) must name, and a nonce that is good for one. */
export const challengeSchema = z
  .strictObject({
    domain: z.string(),
    uri: z.string(),
    statement: z.string(),
    version: z.literal("1"),
    chainId: z.int().positive(),
    nonce: z.string(),
    expiresAt: time,
  })
  .meta({ id: "SignInChallenge" });
export type SignInChallenge = z.output<typeof challengeSchema>;

/** The signed message. A browser takes a cookie that scripts cannot read; whoever has no browser takes the token itself. */
export const signInSchema = z
  .strictObject({
    message: text.min(1).max(2_048),
    signature: signatureSchema,
    form: z.enum(["cookie", "bearer"]),
  })
  .meta({ id: "SignIn" });

const sessionMembers = {
  participant: z.strictObject({ id: bytes32<ParticipantId>(), name: z.string() }),
  roles: z.array(z.enum(roles)).readonly(),
  key: addressSchema,
  delegate: z.boolean().meta({ description: "Whether the key is a delegate's: it may read, and record nothing" }),
  endsAt: time.meta({ description: "When the session ends at the latest; without use it ends earlier" }),
};

/** Who is signed in, as the chain knows the key now. */
export const sessionSchema = z.strictObject(sessionMembers).meta({ id: "Session" });

/** `token` is null where a cookie bears it. */
export const signedInSchema = z
  .strictObject({ ...sessionMembers, token: z.string().nullable() })
  .meta({ id: "SignedIn" });

export const signedOutSchema = z.strictObject({ status: z.literal("signed out") });
