/** A code with the system it is of, as FHIR has it. */
export type Coding = { readonly system: string; readonly code: string; readonly display?: string };

const systems: Readonly<Record<string, (code: string) => Coding>> = {
  DUO: (code) => ({ system: "http://purl.obolibrary.org/obo/duo.owl", code: `DUO:${code}` }),
  dpv: (code) => ({ system: "https://w3id.org/dpv", code }),
  PurposeOfUse: (code) => ({ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code }),
};

/** A purpose as a concept of FHIR: coded where its prefix is of a vocabulary that is known, and in words as it was given. */
export function purposeConcept(purpose: string): { readonly coding?: readonly Coding[]; readonly text: string } {
  const [, prefix = "", code = ""] = /^(\w+):(\S+)$/.exec(purpose) ?? [];
  const coding = Object.hasOwn(systems, prefix) ? systems[prefix]?.(code) : undefined;
  return coding === undefined ? { text: purpose } : { coding: [coding], text: purpose };
}
