import type { EntryItem } from "../api/entries.ts";
import { reasonFacts } from "../domain/reasons.ts";
import type { TrailAct } from "../domain/trailAct.ts";
import { type Coding, purposeConcept } from "./purposeCoding.ts";

/** What exports name beside the entries: where the contracts are, and the gateway itself. */
export type ExportPlace = {
  readonly chainId: number;
  readonly participantRegistry: string;
  readonly agreementRegistry: string;
  readonly accessLog: string;
  readonly gateway: string;
  readonly hospital: string;
  /** Where the gateway is found. */
  readonly origin: string;
};

/** A code and what it says. */
type Kind = { readonly code: string; readonly display: string };
type Json = { readonly [name: string]: unknown };
type Usage = Extract<EntryItem["entry"], { type: "datapact/entry/1" }>;
type Trail = Extract<EntryItem["entry"], { type: "datapact/trail/1" }>;

const dicom = "http://dicom.nema.org/resources/ontology/DCM";
const entityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const objectRole = "http://terminology.hl7.org/CodeSystem/object-role";
const profile = (name: string): Json => ({
  profile: [`https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`],
});
const absent = (reason: "unknown" | "not-applicable"): Json => ({
  extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: reason }],
});

/**
 * What an entry is in FHIR R4, in the shapes of IHE BALP: the decision that stands in it (AuthZconsent), and the query if it was permitted
 * and run (Query). What was done to the trail itself is an audit log used (DICOM 110101), a change of settings a security alert (110113).
 * No patient is named: the uses are of cohorts.
 */
export function auditEvents(item: EntryItem, digest: string, place: ExportPlace): readonly Json[] {
  const { entry } = item;
  if (entry.type === "datapact/trail/1") return [trailEvent(item, entry, digest, place)];
  const decision = decisionEvent(item, entry, digest, place);
  return entry.outcome === "Permitted" ? [decision, queryEvent(item, entry, digest, place)] : [decision];
}

function decisionEvent(item: EntryItem, entry: Usage, digest: string, place: ExportPlace): Json {
  const { reason } = entry;
  const outcomes = { Permitted: "0", Denied: "4", Failed: "8" } as const;
  const by = (contract: string, id: string): Json => ({ identifier: identifierOf(place.chainId, contract, id) });
  return {
    ...common(item, "decision", "AuthZconsent", place),
    type: { system: dicom, code: "110113", display: "Security Alert" },
    subtype: [
      {
        system: "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType",
        code: "AuthZ-Consent",
        display: "Authorization Decision using Roles and Consent",
      },
    ],
    action: "E",
    outcome: outcomes[entry.outcome],
    outcomeDesc: reason === null ? "Permitted" : `${reason}: ${reasonFacts[reason].text}`,
    purposeOfEvent: [purposeConcept(entry.purpose)],
    agent: [
      agent(
        { system: dicom, code: "110150", display: "Application" },
        { who: account(entry, place), network: absent("unknown") },
      ),
      user(item, entry.signer, place, { purposeOfUse: [purposeConcept(entry.purpose)] }),
      agent(
        { system: "http://terminology.hl7.org/CodeSystem/v3-RoleClass", code: "PROV", display: "healthcare provider" },
        { who: organization(item, entry, place) },
      ),
      agent(
        {
          system: "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
          code: "authserver",
          display: "authorization server",
        },
        { who: by(place.participantRegistry, place.gateway) },
      ),
    ],
    entity: [
      {
        what: { type: "Patient", display: "A cohort; no patient is named", ...absent("not-applicable") },
        type: { system: entityType, code: "1", display: "Person" },
        role: { system: objectRole, code: "1", display: "Patient" },
      },
      {
        what: { type: "Consent", ...by(place.agreementRegistry, entry.agreement) },
        type: { system: "http://hl7.org/fhir/resource-types", code: "Consent", display: "Consent" },
        role: { system: objectRole, code: "11", display: "Security User Entity" },
      },
      leafEntity(item, digest, place),
    ],
  };
}

function queryEvent(item: EntryItem, entry: Usage, digest: string, place: ExportPlace): Json {
  const asked = JSON.stringify({ request: entry.request, agreement: entry.agreement, purpose: entry.purpose });
  return {
    ...common(item, "query", "Query", place),
    type: {
      system: "http://terminology.hl7.org/CodeSystem/audit-event-type",
      code: "rest",
      display: "RESTful Operation",
    },
    subtype: [{ system: "http://hl7.org/fhir/restful-interaction", code: "search-system", display: "search-system" }],
    action: "E",
    outcome: "0",
    purposeOfEvent: [purposeConcept(entry.purpose)],
    agent: [
      agent(
        { system: dicom, code: "110153", display: "Source Role ID" },
        { who: account(entry, place), network: absent("unknown") },
      ),
      agent(
        { system: dicom, code: "110152", display: "Destination Role ID" },
        { who: gatewayOf(place), network: { address: place.origin, type: "5" } },
      ),
      user(item, entry.signer, place, { purposeOfUse: [purposeConcept(entry.purpose)] }),
    ],
    entity: [
      {
        type: { system: entityType, code: "2", display: "System Object" },
        role: { system: objectRole, code: "24", display: "Query" },
        description: `Statement of request ${entry.request} under agreement ${entry.agreement}`,
        query: Buffer.from(asked).toString("base64"),
      },
      leafEntity(item, digest, place, entry.result ?? undefined),
    ],
  };
}

const logUsed: Kind = { code: "110101", display: "Audit Log Used" };
const read = { type: logUsed, action: "R" };
/** What an act is in DICOM (PS3.15 A.5.3), and whether it reads, creates or executes. */
const acts: { readonly [A in TrailAct]: { readonly type: Kind; readonly subtype?: Kind; readonly action: string } } = {
  Searched: read,
  Shown: read,
  Exported: read,
  Found: { type: logUsed, action: "C" },
  Configured: {
    type: { code: "110113", display: "Security Alert" },
    subtype: { code: "110131", display: "Software Configuration" },
    action: "E",
  },
};

function trailEvent(item: EntryItem, entry: Trail, digest: string, place: ExportPlace): Json {
  const { type, subtype, action } = acts[entry.act];
  return {
    ...common(item, "trail", undefined, place),
    type: { system: dicom, ...type },
    ...(subtype === undefined ? {} : { subtype: [{ system: dicom, ...subtype }] }),
    action,
    outcome: "0",
    outcomeDesc: `${entry.act}: ${entry.entries} entries`,
    agent: [user(item, entry.signer, place, {})],
    entity: [
      {
        what: { identifier: { system: "urn:ietf:rfc:3986", value: `ni:///sha-256;${toBase64Url(entry.subject)}` } },
        type: { system: entityType, code: "2", display: "System Object" },
        role: { system: objectRole, code: "13", display: "Security Resource" },
        description: "SHA-256 of what was asked for, found or set",
      },
      leafEntity(item, digest, place),
    ],
  };
}

function common(item: EntryItem, kind: string, name: string | undefined, place: ExportPlace): Json {
  return {
    resourceType: "AuditEvent",
    id: `${place.gateway.slice(2, 18)}-${item.index}-${kind}`,
    ...(name === undefined ? {} : { meta: profile(name) }),
    recorded: item.entry.time,
    source: {
      observer: gatewayOf(place),
      type: [
        {
          system: "http://terminology.hl7.org/CodeSystem/security-source-type",
          code: "4",
          display: "Application Server",
        },
      ],
    },
  };
}

const agent = (type: Coding, more: Json): Json => ({ type: { coding: [type] }, requestor: false, ...more });

function user(item: EntryItem, key: string, place: ExportPlace, more: Json): Json {
  return {
    type: {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
          code: "IRCP",
          display: "information recipient",
        },
      ],
    },
    who: { identifier: { system: "urn:ietf:rfc:3986", value: `eip155:${place.chainId}:${key}` } },
    ...(item.participant === null ? {} : { name: item.participant.name }),
    requestor: true,
    ...more,
  };
}

/** The account that signed, which is all that is known of the application behind it (CAIP-10). */
const account = ({ signer }: Usage, { chainId }: ExportPlace): Json => ({
  identifier: { system: "urn:ietf:rfc:3986", value: `eip155:${chainId}:${signer}` },
});

/** For which participant the account acts; unknown to the chain, it is the account alone. */
function organization(item: EntryItem, entry: Usage, place: ExportPlace): Json {
  if (item.participant === null) return { ...account(entry, place), ...absent("unknown") };
  const { id, name: display } = item.participant;
  return { identifier: identifierOf(place.chainId, place.participantRegistry, id), display };
}

const gatewayOf = (place: ExportPlace): Json => ({
  identifier: identifierOf(place.chainId, place.participantRegistry, place.gateway),
});

/** Something in a contract, as a URI: the contract by CAIP-10, what is meant of it as the fragment. */
const identifierOf = (chainId: number, contract: string, id: string): Json => ({
  system: "urn:ietf:rfc:3986",
  value: `eip155:${chainId}:${contract}#${id}`,
});

/** The entry itself: where it stands, so that the proof for it can be asked for, and what left. */
function leafEntity(item: EntryItem, digest: string, place: ExportPlace, result?: Usage["result"]): Json {
  const detail = (type: string, value: string): Json => ({ type, valueString: value });
  return {
    what: { identifier: identifierOf(place.chainId, place.accessLog, `${place.gateway}/${item.index}`) },
    type: { system: entityType, code: "4", display: "Other" },
    description: `Entry ${item.index} of the log`,
    detail: [
      detail("entry digest (SHA-256)", digest),
      detail("state", item.state),
      ...(result === undefined || result === null
        ? []
        : [
            detail("result digest (SHA-256)", result.digest),
            detail("result bytes", String(result.bytes)),
            detail("result rows", String(result.rows)),
          ]),
    ],
  };
}

const toBase64Url = (hex: string): string => Buffer.from(hex.slice(2), "hex").toString("base64url");
