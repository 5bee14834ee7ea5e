import { z } from "zod";
import type { AgreementId, DatasetId, EntryDigest, ParticipantId, RequestDigest } from "../domain/ids.ts";
import type { Role } from "../domain/roles.ts";
import { agreementPage, agreementQuery, agreementSchema } from "./agreements.ts";
import { countsQuery, countsSchema } from "./counts.ts";
import { datasetPage, datasetQuery, datasetSchema } from "./datasets.ts";
import { entryCountQuery, entryCounts, entryPage, entryQuery, entryShown, exportQuery } from "./entries.ts";
import { eventPage, eventQuery, headPage, headQuery } from "./events.ts";
import { findingHistory, findingPage, findingQuery, findingRecorded, signedFindingSchema } from "./findings.ts";
import { timelineSchema } from "./timeline.ts";
import {
  aboutSchema,
  aliveSchema,
  consistencySchema,
  logSchema,
  placeSchema,
  proofSchema,
  readySchema,
} from "./gateway.ts";
import { asOfSchema } from "./page.ts";
import { participantPage, participantQuery, participantSchema } from "./participants.ts";
import { bytes32 } from "./primitives.ts";
import { challengeSchema, sessionSchema, signedInSchema, signedOutSchema, signInSchema } from "./session.ts";
import { permittedSchema, recordedSchema, refusedSchema, signedRequestSchema } from "./usage.ts";

/**
 * Who may ask: anyone, whoever signed the body, whoever is signed in, or participants of these roles who are signed in. A participant who
 * may ask sees no more than what concerns it.
 */
export type Access = "Anyone" | "Signer" | "Session" | readonly Role[];

/** One route of a gateway: how it is asked and what it answers. `{name}` in its path is a member of `params`. */
export type Route = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** What it answers in instead of JSON, as a stream. */
  readonly media?: readonly string[];
  /** A refusal that is recorded; any other is a plain problem. */
  readonly refusal?: z.ZodType;
  /** Statuses of the problems that it may answer with, beside those that every route may. */
  readonly problems: readonly number[];
  /** What to say where there is nothing. */
  readonly missing?: string;
};

/** Of every route: malformed, too many requests, header too large, failed. */
export const commonProblems = [400, 429, 431, 500] as const;

const one = <Name extends string, T extends z.ZodType>(name: Name, item: T) =>
  z.strictObject({ asOf: asOfSchema, [name]: item } as { asOf: typeof asOfSchema } & Record<Name, T>);

const number = z.string().regex(/^(0|[1-9][0-9]{0,14})$/, "must be a non-negative integer");

const participantParams = z.strictObject({ id: bytes32<ParticipantId>() });
const datasetParams = z.strictObject({ id: bytes32<DatasetId>() });
const agreementParams = z.strictObject({ id: bytes32<AgreementId>() });

/** What is read from the read model: 503 until that has caught up with the chain for the first time. */
const list = [503];
const item = [404, 503];

/** What is streamed and no JSON: the client gives the response itself. */
const streamed = z.custom<Response>();

/** Whom entries may concern, and what else may be answered to who asks for them. */
const concerned = ["Regulator", "Hospital", "Consumer"] as const;
const trail = [401, 403, 503];

/** All routes of a gateway. Server, client and `/openapi.json` are made of this table. */
export const routes = {
  use: {
    method: "POST",
    path: "/v1/usage",
    summary: "Use data under an agreement: a signed statement in, a result or a refusal out, both recorded.",
    access: "Signer",
    body: signedRequestSchema,
    answer: permittedSchema,
    refusal: refusedSchema,
    problems: [413, 415, 503],
  },
  recorded: {
    method: "GET",
    path: "/v1/requests/{digest}",
    summary: "The entry and a receipt of a request that was recorded, by the digest of what was signed.",
    access: "Anyone",
    params: z.strictObject({ digest: bytes32<RequestDigest>() }),
    answer: recordedSchema,
    problems: item,
    missing: "No request with this digest is recorded.",
  },
  gateway: {
    method: "GET",
    path: "/v1/gateway",
    summary: "Which gateway this is, for which hospital it acts, and where the contracts are.",
    access: "Anyone",
    answer: aboutSchema,
    problems: [],
  },
  log: {
    method: "GET",
    path: "/v1/log",
    summary: "How many entries this gateway has appended, and which head of them is anchored.",
    access: "Anyone",
    answer: logSchema,
    problems: [],
  },
  proof: {
    method: "GET",
    path: "/v1/log/entries/{index}/proof",
    summary: "That an entry stands in the anchored tree (RFC 9162).",
    access: "Anyone",
    params: z.strictObject({ index: number }),
    query: z.strictObject({
      size: number.optional().meta({ description: "In the tree of this size; that of the anchored head by default" }),
    }),
    answer: proofSchema,
    problems: [404],
    missing: "The entry is not anchored yet, or not among so many, or does not exist.",
  },
  place: {
    method: "GET",
    path: "/v1/log/places/{digest}",
    summary: "Where an entry stands in this log, by its digest, which a receipt names and the chain has.",
    access: "Anyone",
    params: z.strictObject({ digest: bytes32<EntryDigest>() }),
    answer: placeSchema,
    problems: item,
    missing: "This log has no entry with this digest.",
  },
  consistency: {
    method: "GET",
    path: "/v1/log/consistency",
    summary: "That the log only grew from one size to another (RFC 9162).",
    access: "Anyone",
    query: z.strictObject({
      from: number,
      to: number.optional().meta({ description: "The size of the anchored head by default" }),
    }),
    answer: consistencySchema,
    problems: [404],
    missing: "The log has no such sizes: from 1 to that of the anchored head.",
  },
  heads: {
    method: "GET",
    path: "/v1/log/heads",
    summary: "The heads of all gateways' logs on chain, newest first.",
    access: "Anyone",
    query: headQuery,
    answer: headPage,
    problems: list,
  },
  participants: {
    method: "GET",
    path: "/v1/participants",
    summary: "Participants in order of admission.",
    access: "Anyone",
    query: participantQuery,
    answer: participantPage,
    problems: list,
  },
  participant: {
    method: "GET",
    path: "/v1/participants/{id}",
    summary: "One participant.",
    access: "Anyone",
    params: participantParams,
    answer: one("participant", participantSchema),
    problems: item,
  },
  participantEvents: {
    method: "GET",
    path: "/v1/participants/{id}/events",
    summary: "What happened to a participant, and to the log of a gateway, newest first.",
    access: "Anyone",
    params: participantParams,
    query: eventQuery,
    answer: eventPage,
    problems: item,
  },
  datasets: {
    method: "GET",
    path: "/v1/datasets",
    summary: "Datasets in order of registration.",
    access: "Anyone",
    query: datasetQuery,
    answer: datasetPage,
    problems: list,
  },
  dataset: {
    method: "GET",
    path: "/v1/datasets/{id}",
    summary: "One dataset with its tables, fields and levels.",
    access: "Anyone",
    params: datasetParams,
    answer: one("dataset", datasetSchema),
    problems: item,
  },
  datasetEvents: {
    method: "GET",
    path: "/v1/datasets/{id}/events",
    summary: "What happened to a dataset, newest first.",
    access: "Anyone",
    params: datasetParams,
    query: eventQuery,
    answer: eventPage,
    problems: item,
  },
  agreements: {
    method: "GET",
    path: "/v1/agreements",
    summary: "Agreements, newest offer first.",
    access: "Anyone",
    query: agreementQuery,
    answer: agreementPage,
    problems: list,
  },
  agreement: {
    method: "GET",
    path: "/v1/agreements/{id}",
    summary: "One agreement with every term, the licensed fields, and who has signed.",
    access: "Anyone",
    params: agreementParams,
    answer: one("agreement", agreementSchema),
    problems: item,
  },
  agreementEvents: {
    method: "GET",
    path: "/v1/agreements/{id}/events",
    summary: "What happened to an agreement, newest first.",
    access: "Anyone",
    params: agreementParams,
    query: eventQuery,
    answer: eventPage,
    problems: item,
  },
  counts: {
    method: "GET",
    path: "/v1/counts",
    summary: "Numbers for charts: participants, datasets, agreements, and this gateway's uses by day.",
    access: "Anyone",
    query: countsQuery,
    answer: countsSchema,
    problems: list,
  },
  entries: {
    method: "GET",
    path: "/v1/entries",
    summary:
      "Entries of this gateway's log, newest first. That they were read is an entry itself, written before they are given.",
    access: concerned,
    query: entryQuery,
    answer: entryPage,
    problems: trail,
  },
  exportEntries: {
    method: "GET",
    path: "/v1/entries/export",
    summary:
      "All entries that a filter means, as FHIR R4 AuditEvents (IHE BALP, NDJSON), CSV, or as they stand (NDJSON). That they were taken out is an entry itself.",
    access: concerned,
    query: exportQuery,
    answer: streamed,
    media: ["application/fhir+ndjson", "text/csv", "application/x-ndjson"],
    problems: trail,
  },
  entryCounts: {
    method: "GET",
    path: "/v1/entries/counts",
    summary: "How many entries each day had, by outcome, reason, participant, agreement or purpose.",
    access: concerned,
    query: entryCountQuery,
    answer: entryCounts,
    problems: trail,
  },
  entry: {
    method: "GET",
    path: "/v1/entries/{index}",
    summary: "One entry with a receipt and its proof. That it was read is an entry itself.",
    access: concerned,
    params: z.strictObject({ index: number }),
    answer: entryShown,
    problems: [...trail, 404],
  },
  recordFinding: {
    method: "POST",
    path: "/v1/findings",
    summary:
      "Record what a regulator finds about entries, or a further revision of it. It becomes an entry itself and is never taken away.",
    access: ["Regulator"],
    body: signedFindingSchema,
    answer: findingRecorded,
    problems: [...trail, 409, 413, 415],
  },
  findings: {
    method: "GET",
    path: "/v1/findings",
    summary: "Findings about entries of this log in their newest revision, newest first.",
    access: ["Regulator", "Hospital"],
    query: findingQuery,
    answer: findingPage,
    problems: trail,
  },
  finding: {
    method: "GET",
    path: "/v1/findings/{id}",
    summary: "Every revision of one finding, as it was signed.",
    access: ["Regulator", "Hospital"],
    params: z.strictObject({ id: bytes32() }),
    answer: findingHistory,
    problems: [...trail, 404],
  },
  timeline: {
    method: "GET",
    path: "/v1/agreements/{id}/timeline",
    summary: "The life of an agreement, from its offer to its last use under this log.",
    access: concerned,
    params: agreementParams,
    answer: timelineSchema,
    problems: [...trail, 404],
  },
  challenge: {
    method: "GET",
    path: "/v1/session/challenge",
    summary: "What a message must name that opens a session (EIP-4361), with a nonce for one.",
    access: "Anyone",
    answer: challengeSchema,
    problems: [],
  },
  signIn: {
    method: "POST",
    path: "/v1/session",
    summary: "Open a session with a signed message, in which a participant sees what concerns it.",
    access: "Anyone",
    body: signInSchema,
    answer: signedInSchema,
    problems: [401, 403, 413, 415, 503],
  },
  session: {
    method: "GET",
    path: "/v1/session",
    summary: "Who is signed in, as the chain knows the key now.",
    access: "Session",
    answer: sessionSchema,
    problems: [401, 503],
  },
  signOut: {
    method: "DELETE",
    path: "/v1/session",
    summary: "End the session at once.",
    access: "Session",
    answer: signedOutSchema,
    problems: [401, 403, 503],
  },
  alive: {
    method: "GET",
    path: "/healthz",
    summary: "Whether the process answers.",
    access: "Anyone",
    answer: aliveSchema,
    problems: [],
  },
  ready: {
    method: "GET",
    path: "/readyz",
    summary: "Whether requests can be answered now.",
    access: "Anyone",
    answer: readySchema,
    problems: [503],
  },
} as const satisfies Readonly<Record<string, Route>>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
type Of<Name extends RouteName, Member extends string> = Routes[Name] extends { readonly [M in Member]: infer S }
  ? S extends z.ZodType
    ? z.output<S>
    : never
  : unknown;

/** What a route is asked with: its body, or the members of its path and query together. */
export type Input<Name extends RouteName> = Of<Name, "params"> & Of<Name, "query"> & Of<Name, "body">;

/** Whether a route is for those alone who are signed in. */
export const needsSession = ({ access }: Pick<Route, "access">): boolean => access !== "Anyone" && access !== "Signer";

/** What a route answers. */
export type Output<Name extends RouteName> =
  | z.output<Routes[Name]["answer"]>
  | (Routes[Name] extends { readonly refusal: infer R extends z.ZodType } ? z.output<R> : never);
