// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { AgreementId, ParticipantId } from "./Types.sol";

/// @title The rule
/// @notice Decides whether one use of data is permitted. Holds nothing and never reverts on well-formed calldata.
interface IUsagePolicy {
    /// @param gateway Gateway that asks.
    /// @param signer Key that signed the request: of the assignee, or its delegate.
    /// @param fields Every field that the statement mentions, numbered as in the dataset's description.
    /// @param disclosure `Disclosure` that the statement needs, as a number so that no value reverts.
    /// @param time The gateway's clock, unix time; the later of it and the block's time counts.
    struct UsageRequest {
        ParticipantId gateway;
        AgreementId agreement;
        address signer;
        string purpose;
        uint256 fields;
        uint8 disclosure;
        uint48 time;
    }

    /// @notice Why a use is refused: the first that applies, in this order.
    enum DenialReason {
        None,
        AgreementUnknown,
        GatewayUnknown,
        GatewaySuspended,
        GatewayBreached,
        SignerUnknown,
        AssignerSuspended,
        AssigneeSuspended,
        DatasetRetired,
        DatasetSuspended,
        DatasetChanged,
        AgreementNotFinalized,
        AgreementTerminated,
        AgreementSuspended,
        AgreementNotYetValid,
        AgreementExpired,
        PurposeMismatch,
        PurposeNotPermitted,
        FieldOutsideLicense,
        DisclosureNotPermitted,
        LevelNotPermitted,
        CohortBelowFloor,
        UsesExhausted
    }

    /// @param until Second at which the answer may change by the clock alone; type(uint48).max if never.
    /// @param usesLeft Uses left after those metered on chain; the gateway subtracts what it has not anchored yet.
    struct Decision {
        bool permitted;
        DenialReason reason;
        uint48 until;
        uint64 usesLeft;
    }

    /// @notice Decides on one use at this block. While the chain stands at this block, the answer holds until `until` and for
    /// `usesLeft` uses.
    function evaluate(UsageRequest calldata request) external view returns (Decision memory);
}
