import { Interface } from "ethers";

const terms =
  "(bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows," +
  "uint8 disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,uint8 assurance," +
  "bytes32 policy,bytes32 replaces,bytes32 salt)";
const description =
  "(string title,(string name,string patientKey,(string name,uint8 fieldType,uint8 level)[] fields)[] tables," +
  "(string left,string right)[] joins)";
const rules = "(string[] purposes,uint8 maxDisclosure,uint32 minCohort,uint8 approvals)";

/** What the console asks of the contracts and hears from them. A test compares it with what is compiled. */
export const fragments = {
  AgreementRegistry: [
    `function offer(${terms} terms, string policy) returns (bytes32 id)`,
    "function sign(bytes32 id, uint8 capacity, bytes32 signer, bytes signature)",
    "function suspend(bytes32 id, string reason)",
    "function reinstate(bytes32 id)",
    "function terminate(bytes32 id, string reason)",
    "function digestToSign(bytes32 id, uint8 capacity, bytes32 signer) view returns (bytes32)",
    `function terms(bytes32 id) view returns (${terms})`,
    "error AgreementExists(bytes32 id)",
    "error AgreementUnknown(bytes32 id)",
    "error AgreementUnauthorized(bytes32 id, address sender)",
    "error UnexpectedStatus(bytes32 id, uint8 current)",
    "error TermsPartyInvalid(bytes32 party)",
    "error TermsDatasetInvalid(bytes32 dataset)",
    "error TermsDescriptionInvalid(bytes32 description)",
    "error TermsPurposeInvalid(string purpose)",
    "error TermsFieldsInvalid(uint256 fields)",
    "error TermsRowsTooLong(uint256 length)",
    "error TermsDisclosureInvalid(uint8 disclosure)",
    "error TermsCohortTooSmall(uint32 minCohort, uint32 floor)",
    "error TermsLimitInvalid()",
    "error TermsPeriodInvalid(uint48 validFrom, uint48 validUntil)",
    "error TermsPolicyInvalid(bytes32 policy)",
    "error TermsReplacesInvalid(bytes32 replaces)",
    "error SignatureInvalid(bytes32 id, bytes32 signer)",
    "error SignatureRepeated(bytes32 id, bytes32 signer)",
    "error SignerInvalid(bytes32 signer, uint8 capacity)",
    "error ReasonTooLong(uint256 length)",
  ],
  DatasetRegistry: [
    `function update(bytes32 id, ${description} description, ${rules} rules)`,
    "function suspend(bytes32 id, string reason)",
    "function reinstate(bytes32 id)",
    "function retire(bytes32 id)",
  ],
  AccessLog: [
    "function append(uint64 start, bytes32[] entries, (bytes32 agreement,uint64 count)[] usages)",
    "function log(bytes32 gateway) view returns ((uint64 size,uint64 breachedIndex,uint48 breachedAt,bytes32 root))",
    "function acknowledge(bytes32 gateway)",
    "event EntriesAppended(bytes32 indexed gateway, uint64 start, uint64 size, bytes32 root)",
  ],
  ParticipantRegistry: [
    "function suspend(bytes32 id, string reason)",
    "function reinstate(bytes32 id)",
    "function isKeyOf(address key, bytes32 id, uint48 time) view returns (bool)",
    "function participant(bytes32 id) view returns ((uint8 roles,uint48 admittedAt,uint48 suspendedAt,address key," +
      "bytes32 hospital,string registrationNumber,string name))",
    "error ParticipantUnknown(bytes32 id)",
    "error ParticipantStatusUnexpected(bytes32 id, bool suspended)",
    "error ParticipantTextInvalid()",
  ],
} as const;
export type ContractName = keyof typeof fragments;

/** Of descriptions, whose digest stands in terms. */
export const descriptionType = `tuple${description}`;

export const interfaces: { readonly [Name in ContractName]: Interface } = {
  AgreementRegistry: new Interface(fragments.AgreementRegistry),
  DatasetRegistry: new Interface(fragments.DatasetRegistry),
  AccessLog: new Interface(fragments.AccessLog),
  ParticipantRegistry: new Interface(fragments.ParticipantRegistry),
};
