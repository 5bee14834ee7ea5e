/** A FHIR AuditEvent as far as the rules of IHE BALP look at it. */
export type AuditEvent = {
  readonly meta?: { readonly profile?: readonly string[] };
  readonly modifierExtension?: unknown;
  readonly type: Coding;
  readonly subtype?: readonly Coding[];
  readonly action?: string;
  readonly outcome?: string;
  readonly outcomeDesc?: string;
  readonly purposeOfEvent?: readonly unknown[];
  readonly recorded: string;
  readonly source: unknown;
  readonly agent: readonly Slice[];
  readonly entity?: readonly Slice[];
};
type Coding = { readonly system?: string; readonly code?: string };
type Slice = { readonly [name: string]: unknown };

const dcm = "http://dicom.nema.org/resources/ontology/DCM";
const participation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const roleClass = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
const securityRole = "http://terminology.hl7.org/CodeSystem/extra-security-role-type";
const entityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const objectRole = "http://terminology.hl7.org/CodeSystem/object-role";

type SliceRule = {
  readonly code: readonly [system: string, code: string];
  readonly role?: readonly [system: string, code: string];
  readonly most?: number;
  readonly must: readonly string[];
  readonly mustNot: readonly string[];
  readonly requestor?: boolean;
};

type Profile = {
  readonly type: readonly [string, string];
  readonly subtypes: { readonly system: string; readonly codes: readonly string[] };
  readonly outcome?: string;
  readonly agents: number;
  readonly entities: number;
  readonly agent: Readonly<Record<string, SliceRule>>;
  readonly entity: Readonly<Record<string, SliceRule>>;
  /** Members that must be supported, thus told where they are known. */
  readonly told: readonly (keyof AuditEvent)[];
};

const noise = ["role", "altId", "name", "location", "media"];

/** The differentials of BALP 1.1 that exports claim, as rules. */
const profiles: Readonly<Record<string, Profile>> = {
  "IHE.BasicAudit.Query": {
    type: ["http://terminology.hl7.org/CodeSystem/audit-event-type", "rest"],
    subtypes: { system: "http://hl7.org/fhir/restful-interaction", codes: ["search", "search-type", "search-system"] },
    outcome: "0",
    agents: 2,
    entities: 1,
    agent: {
      client: { code: [dcm, "110153"], must: ["who", "network"], mustNot: ["media"] },
      server: { code: [dcm, "110152"], must: ["who", "network"], mustNot: ["media"] },
      user: {
        code: [participation, "IRCP"],
        must: ["who", "purposeOfUse"],
        mustNot: ["media", "network"],
        requestor: true,
      },
    },
    entity: {
      query: {
        code: [entityType, "2"],
        role: [objectRole, "24"],
        must: ["query"],
        mustNot: ["what", "lifecycle", "detail"],
      },
    },
    told: ["source"],
  },
  "IHE.BasicAudit.AuthZconsent": {
    type: [dcm, "110113"],
    subtypes: {
      system: "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType",
      codes: ["AuthZ-Consent", "AuthZ-Role"],
    },
    agents: 4,
    entities: 2,
    agent: {
      client: { code: [dcm, "110150"], must: ["who", "network"], mustNot: [...noise, "purposeOfUse"] },
      user: {
        code: [participation, "IRCP"],
        must: ["who", "purposeOfUse"],
        mustNot: ["altId", "location", "media", "network"],
        requestor: true,
      },
      userorg: { code: [roleClass, "PROV"], must: ["who"], mustNot: [...noise, "policy", "network"], requestor: false },
      authorizer: {
        code: [securityRole, "authserver"],
        must: ["who"],
        mustNot: [...noise, "policy", "network", "purposeOfUse"],
        requestor: false,
      },
    },
    entity: {
      patient: { code: [entityType, "1"], role: [objectRole, "1"], must: ["what"], mustNot: [] },
      consent: {
        code: ["http://hl7.org/fhir/resource-types", "Consent"],
        most: Number.POSITIVE_INFINITY,
        must: ["what"],
        mustNot: [],
      },
    },
    told: ["outcomeDesc", "purposeOfEvent"],
  },
};

const isCoded = (coding: unknown, [system, code]: readonly [string, string]): boolean => {
  const { system: itsSystem, code: itsCode } = (coding ?? {}) as Coding;
  return itsSystem === system && itsCode === code;
};

const codingOf = (slice: Slice): unknown => {
  const type = slice.type as { readonly coding?: readonly unknown[] };
  return type.coding === undefined ? type : type.coding[0];
};

function sliceProblems(name: string, slices: readonly Slice[], rule: SliceRule): string[] {
  const found = slices.filter((slice) => isCoded(codingOf(slice), rule.code));
  if (found.length < 1 || found.length > (rule.most ?? 1)) return [`${found.length} of the slice ${name}`];
  return found.flatMap((slice) => [
    ...rule.must.filter((member) => slice[member] === undefined).map((member) => `${name} has no ${member}`),
    ...rule.mustNot.filter((member) => slice[member] !== undefined).map((member) => `${name} has ${member}`),
    ...(rule.requestor !== undefined && slice.requestor !== rule.requestor ? [`${name} is the wrong requestor`] : []),
    ...(rule.role !== undefined && !isCoded(slice.role, rule.role) ? [`${name} has another role`] : []),
  ]);
}

/** What an AuditEvent has against the BALP profile that it claims; undefined if it claims none that is known here. */
export function balpProblems(event: AuditEvent): readonly string[] | undefined {
  const claimed = event.meta?.profile?.[0]?.replace("https://profiles.ihe.net/ITI/BALP/StructureDefinition/", "") ?? "";
  const profile = profiles[claimed];
  if (profile === undefined) return undefined;
  const subtypes = event.subtype ?? [];
  const { system, codes } = profile.subtypes;
  return [
    ...(isCoded(event.type, profile.type) ? [] : ["another type"]),
    ...(subtypes.filter((found) => found.system === system && codes.includes(found.code ?? "")).length === 1
      ? []
      : ["no subtype of its set"]),
    ...(event.action === "E" ? [] : ["another action"]),
    ...(event.outcome !== undefined && (profile.outcome ?? event.outcome) === event.outcome ? [] : ["another outcome"]),
    ...(event.modifierExtension === undefined ? [] : ["a modifier extension"]),
    ...(event.agent.length >= profile.agents ? [] : ["too few agents"]),
    ...((event.entity ?? []).length >= profile.entities ? [] : ["too few entities"]),
    ...profile.told.filter((member) => event[member] === undefined).map((member) => `no ${member}`),
    ...Object.entries(profile.agent).flatMap(([name, rule]) => sliceProblems(name, event.agent, rule)),
    ...Object.entries(profile.entity).flatMap(([name, rule]) => sliceProblems(name, event.entity ?? [], rule)),
  ];
}
