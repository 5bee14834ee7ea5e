import type { ContractRefused } from "../../server/chain/revert.ts";

/** What to do about a contract's refusal, where its own words do not say it. */
const hints: Readonly<Record<string, string>> = {
  AccessManagedUnauthorized: "Only the regulator's account may do this: sign with --as and its key.",
  AgreementUnauthorized: "Only a party of the agreement or a regulator may do this.",
  DatasetUnauthorized: "Only the dataset's holder (or, to stop it, a regulator) may do this.",
  DatasetHolderInvalid: "The key must be an active hospital's.",
  DatasetExists: "Choose another --name, or retire the old dataset.",
  DescriptionTooLarge: "A dataset has at most 256 fields: leave some out.",
  ParticipantExists: "This registration number is admitted already.",
  KeyTaken: "A key belongs to one participant for ever: make a new one.",
  KeyUnauthorized: "This key stands for no participant now.",
  LogBreached: "The log is stopped already; nothing more is taken until a regulator acknowledges that breach.",
  ReceiptAcknowledged:
    "A regulator has acknowledged this very breach: it stays on record and is not held against the log again.",
  ReceiptNotDue:
    "By the chain's clock the deadline, or the time that an acknowledged log has to catch up, is not over.",
  SignatureRepeated: "This participant has signed already.",
  SignerInvalid: "The key's participant is suspended, or has not the role for this.",
  TermsCohortTooSmall: "The dataset's holder demands a larger smallest cohort.",
  TermsDisclosureInvalid: "The dataset's holder does not permit that much to leave.",
  TermsFieldsInvalid: "Direct identifiers can only be licensed under Identified.",
  TermsPartyInvalid: "Both parties must be admitted, active, and different.",
  TermsPeriodInvalid: "The period must end after it begins, and in the future.",
  TermsPurposeInvalid: "The dataset's holder does not permit this purpose: see `datapact dataset show`.",
  UnexpectedStatus: "See what happened to it: npx datapact agreement show. Only who suspended it can reinstate it.",
};

export function hintOf({ error }: ContractRefused): string {
  const hint = hints[error];
  return hint === undefined ? "" : `\n${hint}`;
}
