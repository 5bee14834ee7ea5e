import type { ContractRefused } from "../../server/chain/revert.ts";

/** What to do about each refusal of a contract. A test holds this against all errors of the contracts. */
export const hints: Readonly<Record<string, string>> = {
  // governance
  AccessManagedInvalidAuthority: "This comes from deploying: let `npm run deploy` make the contracts.",
  AccessManagedRequiredDelay:
    "Announce it first: the same command does so, and does it once the delay is over. See `datapact governance show`.",
  AccessManagedUnauthorized: "Only the regulator's account may do this: sign with --as and its key.",
  AccessManagerAlreadyScheduled:
    "This is announced already: repeat the command once its time has come. See `datapact governance show`.",
  AccessManagerBadConfirmation: "A role is given up by the account that has it alone.",
  AccessManagerExpired: "It was announced more than a week before it could be done: announce it again.",
  AccessManagerInvalidInitialAdmin: "DATAPACT_AUTHORITIES must name accounts, and none of them zero.",
  AccessManagerLockedFunction: "This function stays as the deployment left it.",
  AccessManagerLockedRole: "This role cannot be granted, revoked or labeled: take admin, regulator or recovery.",
  AccessManagerNotReady: "It is announced, and its delay is not over. See `datapact governance show`.",
  AccessManagerNotScheduled: "Nothing is announced like this: announce it first. See `datapact governance show`.",
  AccessManagerUnauthorizedAccount:
    "This account has not the role for it: sign with --as and the key of one that `datapact governance show` lists.",
  AccessManagerUnauthorizedCall:
    "This account may not announce that: sign with --as and the key of one that `datapact governance show` lists.",
  AccessManagerUnauthorizedCancel: "Only who announced it, a regulator or an admin may cancel it.",
  AccessManagerUnauthorizedConsume: "Only the contract that is governed may do this.",
  AddressEmptyCode: "There is no contract at this address: look whether the manifest is that of this chain.",
  DelayTooShort: "This role needs a longer --delay: at least the last number, in seconds.",
  FailedCall: "What was announced is refused now: look with `datapact governance show` whether it still makes sense.",
  InsufficientBalance: "The account has too little of the chain's coin.",
  LastAdmin: "One admin must stay: grant the role to another account first.",
  TargetStaysOpen: "No contract can be closed: suspend participants, datasets or agreements.",
  // participants
  DelegatePeriodInvalid: "Name a time to come with --until.",
  DelegateUnknown: "This key does not act for you now: nothing has to be ended.",
  DelegatesExhausted: "At most 16 keys act for one participant at a time: end one with `datapact participant revoke`.",
  KeyInvalid: "The zero address is nobody's key.",
  KeyTaken: "A key belongs to one participant for ever: make a new one.",
  KeyUnauthorized:
    "This key stands for no participant now: a delegate's does not count here, and one that was replaced no more.",
  ParticipantExists: "This registration number is admitted already.",
  ParticipantHospitalInvalid: "A gateway, and nobody else, names its --hospital, which must be admitted as one.",
  ParticipantRolesInvalid:
    "Admit a Hospital, a Consumer, both of them in one, or a Gateway; a Regulator or a Gateway has no other role.",
  ParticipantStatusUnexpected:
    "The participant is suspended already, or (true) suspended and can do nothing, or (false) not suspended. See `datapact participant list`.",
  ParticipantTextInvalid:
    "A registration number has 1 to 64 printable ASCII characters without spaces, a name 1 to 128 bytes and no control characters.",
  ParticipantUnknown: "Nobody with this id is admitted. See `datapact participant list`.",
  // datasets
  DatasetExists: "Choose another --name, or retire the old dataset.",
  DatasetHolderInvalid: "The key must be an active hospital's.",
  DatasetNameInvalid: "A dataset's name has 1 to 128 bytes and no control characters.",
  DatasetStatusUnexpected:
    "The dataset is retired, or stopped already, or not stopped by you: only who stopped it can let it go on. See `datapact dataset show`.",
  DatasetUnauthorized: "Only the dataset's holder (or, to stop it, a regulator) may do this.",
  DatasetUnknown: "No dataset has this id. See `datapact dataset list`.",
  DescriptionEmpty: "A dataset has at least one table, and a table at least one field: look at --drop.",
  DescriptionPatientKeyInvalid:
    "The patient key must be a field of its table and of level Linking or Direct: correct --patient-key or --level.",
  DescriptionTextInvalid:
    "Of this text: a title has 1 to 256 bytes, a table's name 127, a field's 63 and no dot, none has control characters, no name stands twice, and a join connects two Linking fields.",
  DescriptionTooLarge: "A dataset has at most 256 fields: leave some out.",
  RulesCohortTooSmall: "The smallest cohort of any dataset is 5 patients: raise --min-cohort.",
  RulesPurposeInvalid:
    "A purpose is a code with a colon, such as DUO:0000007, in 3 to 64 printable ASCII characters without spaces, and a dataset has at most 32: correct --purpose.",
  // agreements
  AgreementExists: "These very terms are offered already. See `datapact agreement list`.",
  AgreementUnauthorized: "Only a party of the agreement or a regulator may do this.",
  AgreementUnknown: "No agreement has this id. See `datapact agreement list`.",
  ApprovalsInvalid: "At least one regulator must approve.",
  MeterUnauthorized: "Only the contract AccessLog counts uses.",
  ReasonTooLong: "A reason has at most 1,024 bytes: shorten --reason.",
  SignatureInvalid:
    "This is not the signature of the participant's present key over these terms: sign with the key that `datapact participant list` shows, under the manifest of this chain.",
  SignatureRepeated: "This participant has signed already.",
  SignerInvalid: "The key's participant is suspended, or has not the role for this.",
  TermsCohortTooSmall: "The dataset's holder demands a larger smallest cohort.",
  TermsDatasetInvalid: "The dataset is suspended or retired, or not the assigner's. See `datapact dataset show`.",
  TermsDescriptionInvalid: "The dataset was described anew since: offer the terms again, over what it is now.",
  TermsDisclosureInvalid: "The dataset's holder does not permit that much to leave.",
  TermsFieldsInvalid: "Direct identifiers can only be licensed under Identified.",
  TermsLimitInvalid: "Uses and rows must be at least 1: correct --max-uses or --max-rows.",
  TermsPartyInvalid: "Both parties must be admitted, active, and different.",
  TermsPeriodInvalid: "The period must end after it begins, and in the future.",
  TermsPolicyInvalid: "A policy has at most 8,192 bytes, and the terms its hash: shorten the file that --policy names.",
  TermsPurposeInvalid: "The dataset's holder does not permit this purpose: see `datapact dataset show`.",
  TermsReplacesInvalid:
    "What --replaces names must be an agreement of the same parties over the same dataset that was signed by all and has not ended.",
  TermsRowsTooLong: "A row scope has at most 512 bytes: shorten --rows.",
  UnexpectedStatus: "See what happened to it: npx datapact agreement show. Only who suspended it can reinstate it.",
  UsageInvalid: "The gateway tells of a use under an agreement that is not its hospital's. See docs/operation.md.",
  // logs
  AcknowledgementUnauthorized: "Only a regulator's key acknowledges a breach: sign with --as and that.",
  BatchSizeInvalid: "A batch has 1 to 4,080 entries.",
  BatchStartUnexpected: "The log has another size by now: another process appends under this gateway's key. Stop it.",
  GatewayUnauthorized: "This key acts for no active gateway. See `datapact participant list`.",
  HeadUnknown: "The contract knows the newest 256 heads of a log: take a proof to one of them.",
  InvalidShortString: "This comes from deploying: let `npm run deploy` make the contracts.",
  LogBreached: "The log is stopped already; nothing more is taken until a regulator acknowledges that breach.",
  LogNotBreached: "No breach of this log is open: nothing has to be acknowledged.",
  NoteKeyUnchanged: "The gateway's key for checkpoints stands on chain already.",
  ProofInvalid: "The path does not lead from the entry to the head.",
  ReceiptAcknowledged:
    "A regulator has acknowledged this very breach: it stays on record and is not held against the log again.",
  ReceiptInvalid:
    "No key of the gateway signed this receipt at its time, or it is of another index: it binds nobody. Check it with `datapact verify receipt`.",
  ReceiptKept: "The entry stands where it was promised: the promise is kept, and nothing is proven.",
  ReceiptMalformed: "These bytes are no receipt: take the file that `datapact query` saved.",
  ReceiptNotDue:
    "By the chain's clock the deadline, or the time that an acknowledged log has to catch up, is not over.",
  SafeCastOverflowedUintDowncast: "A number is larger than the contract holds: take a smaller one.",
  StringTooLong: "This comes from deploying: let `npm run deploy` make the contracts.",
  UsesExceedEntries:
    "A batch cannot count more uses than it has entries: the gateway's store is damaged. See docs/operation.md.",
};

/** What to do about a refusal, on a line of its own. */
export function hintOf({ error }: Pick<ContractRefused, "error">): string {
  const hint = hints[error];
  return hint === undefined ? "" : `\n${hint}`;
}
