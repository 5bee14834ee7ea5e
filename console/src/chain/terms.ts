import { AbiCoder, keccak256, TypedDataEncoder, toUtf8Bytes } from "ethers";
import type { Output } from "../../../server/api/routes.ts";
import { fieldLevels, fieldTypes } from "../../../server/domain/dataset.ts";
import { assurances, type Capacity, disclosures } from "../../../server/domain/terms.ts";
import { descriptionType } from "./abi.ts";

/** Terms as the API shows them and as they are signed. */
export type Terms = Output<"agreement">["agreement"]["terms"];
export type Description = Output<"dataset">["dataset"]["description"];

/** Where signatures count: one contract on one chain (EIP-712). */
export type SigningDomain = { readonly chainId: number; readonly verifyingContract: string };

const termsMembers = [
  ["bytes32", "assigner"],
  ["bytes32", "assignee"],
  ["bytes32", "dataset"],
  ["bytes32", "description"],
  ["string", "purpose"],
  ["uint256", "fields"],
  ["string", "rows"],
  ["string", "disclosure"],
  ["uint32", "minCohort"],
  ["uint64", "maxUses"],
  ["uint64", "maxRows"],
  ["uint48", "validFrom"],
  ["uint48", "validUntil"],
  ["string", "assurance"],
  ["bytes32", "policy"],
  ["bytes32", "replaces"],
  ["bytes32", "salt"],
].map(([type = "", name = ""]) => ({ type, name }));

const termsTypes = { Terms: termsMembers };

const signatureTypes = {
  Signature: [
    { type: "string", name: "capacity" },
    { type: "bytes32", name: "signer" },
    { type: "Terms", name: "terms" },
  ],
  Terms: termsMembers,
};

const named = ({ chainId, verifyingContract }: SigningDomain) => ({
  name: "Datapact",
  version: "1",
  chainId,
  verifyingContract,
});

/** The id of an agreement: the EIP-712 digest of its terms. */
export function agreementId(terms: Terms, registry: SigningDomain): string {
  return TypedDataEncoder.hash(named(registry), termsTypes, terms);
}

/** What a wallet is given to sign, as text for `eth_signTypedData_v4`, and the digest that its signature must be of. */
export function signingRequest(terms: Terms, capacity: Capacity, signer: string, registry: SigningDomain) {
  const message = { capacity, signer, terms };
  const payload = TypedDataEncoder.getPayload(named(registry), signatureTypes, message);
  return {
    digest: TypedDataEncoder.hash(named(registry), signatureTypes, message),
    typedData: JSON.stringify(payload),
  };
}

/** Terms as the contracts take them: members of enumerations by their number. */
export function encodedTerms(terms: Terms) {
  return {
    ...terms,
    disclosure: disclosures.indexOf(terms.disclosure),
    assurance: assurances.indexOf(terms.assurance),
  };
}

export function policyHash(text: string): string {
  return keccak256(toUtf8Bytes(text));
}

export function encodedDescription({ title, tables, joins }: Description) {
  return {
    title,
    joins,
    tables: tables.map(({ name, patientKey, fields }) => ({
      name,
      patientKey,
      fields: fields.map((field) => ({
        name: field.name,
        fieldType: fieldTypes.indexOf(field.fieldType),
        level: fieldLevels.indexOf(field.level),
      })),
    })),
  };
}

export function descriptionHash(description: Description): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode([descriptionType], [encodedDescription(description)]));
}

/** The id of a dataset: keccak256 of its holder and its name. */
export function datasetId(holder: string, name: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "string"], [holder, name]));
}

/** The id of a participant: keccak256 of its registration number. */
export function participantId(registrationNumber: string): string {
  return keccak256(toUtf8Bytes(registrationNumber));
}
