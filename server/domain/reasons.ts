/** Why the chain's policy refuses. The order is that of `IUsagePolicy.DenialReason`, after its first member None. */
export const denialReasons = [
  "AgreementUnknown",
  "GatewayUnknown",
  "GatewaySuspended",
  "GatewayBreached",
  "SignerUnknown",
  "AssignerSuspended",
  "AssigneeSuspended",
  "DatasetRetired",
  "DatasetSuspended",
  "DatasetChanged",
  "AgreementNotFinalized",
  "AgreementTerminated",
  "AgreementSuspended",
  "AgreementNotYetValid",
  "AgreementExpired",
  "PurposeMismatch",
  "PurposeNotPermitted",
  "FieldOutsideLicense",
  "DisclosureNotPermitted",
  "LevelNotPermitted",
  "CohortBelowFloor",
  "UsesExhausted",
] as const;
export type DenialReason = (typeof denialReasons)[number];

/** Why the gateway itself refuses, or fails. */
export const gatewayReasons = [
  "GatewayMismatch",
  "RequestStale",
  "RequestReplayed",
  "StatementRefused",
  "DisclosureUnsupported",
  "CohortTooSmall",
  "RowLimitExceeded",
  "DatasetUnavailable",
  "QueryFailed",
  "ChainUnavailable",
  "ChainBehind",
  "ChainContradicted",
  "ChainReorganized",
  "AnchorOverdue",
] as const;
export type GatewayReason = (typeof gatewayReasons)[number];

export type Reason = DenialReason | GatewayReason;

/** What happened to a request. Failed means that the gateway could not do what was permitted. */
export type Outcome = "Permitted" | "Denied" | "Failed";

type Fact = { readonly status: number; readonly outcome: Exclude<Outcome, "Permitted">; readonly text: string };

const denied = (status: number, text: string): Fact => ({ status, outcome: "Denied", text });
const failed = (status: number, text: string): Fact => ({ status, outcome: "Failed", text });

/** HTTP status, outcome and sentence of each reason. */
export const reasonFacts: { readonly [R in Reason]: Fact } = {
  AgreementUnknown: denied(
    403,
    "No agreement with this id is on chain. Check the id, and that the agreement was offered.",
  ),
  GatewayUnknown: denied(
    403,
    "This gateway does not act for the assigner. Ask the gateway of the hospital that granted the use.",
  ),
  GatewaySuspended: denied(403, "This gateway is suspended by the regulator."),
  GatewayBreached: denied(
    403,
    "The log of this gateway is stopped: it broke a promise that a regulator has not acknowledged yet.",
  ),
  SignerUnknown: denied(
    403,
    "The key that signed does not act for the assignee now. Sign with the assignee's key or a delegate's.",
  ),
  AssignerSuspended: denied(403, "The hospital is suspended by the regulator."),
  AssigneeSuspended: denied(403, "The consumer is suspended by the regulator."),
  DatasetRetired: denied(403, "The dataset is retired. Agree on its successor."),
  DatasetSuspended: denied(403, "The dataset is suspended."),
  DatasetChanged: denied(403, "The dataset's description is no longer the one that was signed. Agree on the new one."),
  AgreementNotFinalized: denied(403, "Signatures are missing. See `datapact agreement show`."),
  AgreementTerminated: denied(403, "The agreement is terminated."),
  AgreementSuspended: denied(403, "The agreement is suspended."),
  AgreementNotYetValid: denied(403, "The agreement is not valid yet."),
  AgreementExpired: denied(403, "The agreement has expired."),
  PurposeMismatch: denied(403, "The agreement was made for another purpose."),
  PurposeNotPermitted: denied(403, "The hospital no longer permits this purpose for the dataset."),
  FieldOutsideLicense: denied(403, "The statement mentions a field that the agreement does not license."),
  DisclosureNotPermitted: denied(403, "The statement returns rows, and the agreement permits aggregates only."),
  LevelNotPermitted: denied(403, "The statement mentions a direct identifier."),
  CohortBelowFloor: denied(403, "The agreement's smallest cohort is below the floor that the hospital has set since."),
  UsesExhausted: denied(403, "All uses of the agreement are spent."),
  GatewayMismatch: denied(403, "The request was signed for another gateway."),
  RequestStale: denied(403, "The request was signed too long ago, or in the future. Check the clock and sign anew."),
  RequestReplayed: denied(409, "This very request was received before. Sign a new one with a new nonce."),
  StatementRefused: denied(422, "The statement is not in the language that this gateway accepts."),
  DisclosureUnsupported: denied(422, "This gateway does not serve identified data."),
  CohortTooSmall: denied(422, "Too few patients stand behind the result. Ask for a larger group."),
  RowLimitExceeded: denied(422, "The result has more rows than the agreement permits. Add a LIMIT or a condition."),
  DatasetUnavailable: failed(503, "The dataset's tables are not in this hospital's database."),
  QueryFailed: failed(500, "The query could not be answered."),
  ChainUnavailable: failed(503, "The chain cannot be asked now, so nothing may leave. Try again."),
  ChainBehind: failed(
    503,
    "The node is behind the chain, or the chain stands still, so nothing may leave. Try again later.",
  ),
  ChainContradicted: failed(
    503,
    "Two nodes tell different things of the chain, so nothing may leave. Try again later.",
  ),
  ChainReorganized: failed(
    503,
    "The chain was reorganized deeper than this gateway trusts, so nothing may leave until its operator has looked.",
  ),
  AnchorOverdue: failed(503, "Entries wait too long for the chain, so nothing more may leave. Try again later."),
};
