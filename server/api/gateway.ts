import { z } from "zod";
import type { ParticipantId } from "../domain/ids.ts";
import type { contractNames } from "../domain/manifest.ts";
import { addressSchema, bytes32, indexSchema } from "./primitives.ts";

const contractSchema = z.strictObject({ address: addressSchema, codeHash: bytes32() });

/** Where the contracts are: what a client needs to ask the chain itself. */
export const manifestSchema = z
  .strictObject({
    chainId: z.int().positive(),
    block: indexSchema,
    blockHash: bytes32(),
    contracts: z.strictObject({
      Authority: contractSchema,
      ParticipantRegistry: contractSchema,
      DatasetRegistry: contractSchema,
      AgreementRegistry: contractSchema,
      AccessLog: contractSchema,
      UsagePolicy: contractSchema,
    } satisfies Record<(typeof contractNames)[number], typeof contractSchema>),
  })
  .meta({ id: "Manifest" });

/** What the gateway says of itself, so that a client needs no other setting. */
export const aboutSchema = z
  .strictObject({
    gateway: bytes32<ParticipantId>(),
    hospital: bytes32<ParticipantId>(),
    manifest: manifestSchema,
  })
  .meta({ id: "About" });
export type About = z.output<typeof aboutSchema>;

/**
 * The log as anyone may see it: how many entries are appended, the head that is anchored, for how many seconds the oldest entry that is not
 * has waited, and within how many receipts promise it.
 */
export const logSchema = z
  .strictObject({
    appended: indexSchema,
    oldestWait: z.int().nonnegative(),
    promiseSeconds: z.int().positive(),
    anchored: z.strictObject({ size: indexSchema, root: bytes32(), block: indexSchema }).nullable(),
  })
  .meta({ id: "Log" });
export type LogAbout = z.output<typeof logSchema>;

/** That an entry stands in the tree of an anchored head (RFC 9162, 2.1.3). */
export const proofSchema = z
  .strictObject({ index: indexSchema, size: indexSchema, root: bytes32(), path: z.array(bytes32()) })
  .meta({ id: "InclusionProof" });
export type ProofAbout = z.output<typeof proofSchema>;

const treeHeadSchema = z.strictObject({ size: indexSchema, root: bytes32() });

/** That the tree of `to` begins with the tree of `from` (RFC 9162, 2.1.4). */
/** Where an entry stands in the log. `state`: durable, or covered by a head on chain too. */
export const placeSchema = z
  .strictObject({ index: indexSchema, state: z.enum(["Appended", "Anchored"]) })
  .meta({ id: "Place" });

export const consistencySchema = z
  .strictObject({ from: treeHeadSchema, to: treeHeadSchema, path: z.array(bytes32()) })
  .meta({ id: "ConsistencyProof" });
export type ConsistencyAbout = z.output<typeof consistencySchema>;

export const aliveSchema = z.strictObject({ status: z.literal("alive") });
export const readySchema = z.strictObject({ status: z.literal("ready") });
