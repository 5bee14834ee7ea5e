// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IAccessLog } from "./interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "./interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "./interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { IUsagePolicy } from "./interfaces/IUsagePolicy.sol";
import { Disclosure, ParticipantId, Role } from "./interfaces/Types.sol";

/// @title The rule
/// @dev Usage requests are signed off chain in this contract's EIP-712 domain.
contract UsagePolicy is IUsagePolicy, EIP712 {
    // --- Types ---

    /// @dev What the registries know about one request.
    struct Case {
        IAgreementRegistry.Facts facts;
        IAgreementRegistry.Terms terms;
        IDatasetRegistry.Dataset dataset;
        IParticipantRegistry.Key key;
        uint64 uses;
        uint48 time;
    }

    // --- Immutables ---

    IParticipantRegistry private immutable PARTICIPANTS;
    IDatasetRegistry private immutable DATASETS;
    IAgreementRegistry private immutable AGREEMENTS;
    IAccessLog private immutable ACCESS_LOG;

    // --- Constructor ---

    constructor(
        IParticipantRegistry participants,
        IDatasetRegistry datasets,
        IAgreementRegistry agreements,
        IAccessLog accessLog
    ) EIP712("Datapact", "1") {
        PARTICIPANTS = participants;
        DATASETS = datasets;
        AGREEMENTS = agreements;
        ACCESS_LOG = accessLog;
    }

    // --- External reads ---

    /// @inheritdoc IUsagePolicy
    function evaluate(UsageRequest calldata request) external view returns (Decision memory) {
        Case memory found;
        found.facts = AGREEMENTS.facts(request.agreement);
        if (found.facts.offeredAt == 0) return Decision(false, DenialReason.AgreementUnknown, type(uint48).max, 0);
        found.terms = AGREEMENTS.terms(request.agreement);
        found.dataset = DATASETS.dataset(found.terms.dataset);
        found.key = PARTICIPANTS.keyRecord(request.signer);
        found.uses = AGREEMENTS.usesOf(request.agreement);
        found.time = request.time > _now() ? request.time : _now();

        DenialReason reason = _reason(request, found);
        uint64 usesLeft = found.uses < found.terms.maxUses ? found.terms.maxUses - found.uses : 0;
        return Decision(reason == DenialReason.None, reason, _until(found), usesLeft);
    }

    // --- Internal ---

    function _reason(UsageRequest calldata request, Case memory found) private view returns (DenialReason reason) {
        reason = _gatewayReason(request.gateway, found.terms.assigner);
        if (reason == DenialReason.None) reason = _partyReason(found);
        if (reason == DenialReason.None) reason = _datasetReason(found);
        if (reason == DenialReason.None) reason = _agreementReason(found);
        if (reason == DenialReason.None) reason = _scopeReason(request, found);
    }

    function _gatewayReason(ParticipantId gateway, ParticipantId hospital) private view returns (DenialReason) {
        IParticipantRegistry.Participant memory record = PARTICIPANTS.participant(gateway);
        // Only a gateway has a hospital.
        if (record.hospital != hospital) return DenialReason.GatewayUnknown;
        if (record.suspendedAt != 0) return DenialReason.GatewaySuspended;
        if (ACCESS_LOG.log(gateway).breachedAt != 0) return DenialReason.GatewayBreached;
        return DenialReason.None;
    }

    function _partyReason(Case memory found) private view returns (DenialReason) {
        bool isSigner =
            found.key.participant == found.terms.assignee && found.key.validFrom <= found.time && found.time < found.key.validUntil;
        if (!isSigner) return DenialReason.SignerUnknown;
        if (!PARTICIPANTS.isActive(found.terms.assigner, Role.Hospital)) return DenialReason.AssignerSuspended;
        if (!PARTICIPANTS.isActive(found.terms.assignee, Role.Consumer)) return DenialReason.AssigneeSuspended;
        return DenialReason.None;
    }

    function _datasetReason(Case memory found) private pure returns (DenialReason) {
        IDatasetRegistry.Dataset memory dataset = found.dataset;
        if (dataset.retiredAt != 0) return DenialReason.DatasetRetired;
        if (dataset.suspendedByHolderAt | dataset.suspendedByRegulatorAt != 0) return DenialReason.DatasetSuspended;
        if (dataset.description != found.terms.description) return DenialReason.DatasetChanged;
        return DenialReason.None;
    }

    function _agreementReason(Case memory found) private pure returns (DenialReason) {
        IAgreementRegistry.Facts memory facts = found.facts;
        if (facts.finalizedAt == 0) return DenialReason.AgreementNotFinalized;
        if (facts.terminatedAt != 0) return DenialReason.AgreementTerminated;
        if (facts.suspendedAt[0] | facts.suspendedAt[1] | facts.suspendedAt[2] != 0) return DenialReason.AgreementSuspended;
        if (found.time < found.terms.validFrom) return DenialReason.AgreementNotYetValid;
        if (found.time >= found.terms.validUntil) return DenialReason.AgreementExpired;
        return DenialReason.None;
    }

    /// @dev The holder's rules may have become stricter since the terms were agreed.
    function _scopeReason(UsageRequest calldata request, Case memory found) private view returns (DenialReason) {
        IAgreementRegistry.Terms memory terms = found.terms;
        if (keccak256(bytes(request.purpose)) != keccak256(bytes(terms.purpose))) return DenialReason.PurposeMismatch;
        if (!DATASETS.isPurposePermitted(terms.dataset, terms.purpose)) return DenialReason.PurposeNotPermitted;
        if (request.fields & ~terms.fields != 0) return DenialReason.FieldOutsideLicense;
        bool isDisclosure =
            request.disclosure <= uint8(terms.disclosure) && request.disclosure <= uint8(found.dataset.maxDisclosure);
        if (!isDisclosure) return DenialReason.DisclosureNotPermitted;
        bool isDirect = request.fields & found.dataset.direct != 0;
        if (isDirect && request.disclosure != uint8(Disclosure.Identified)) return DenialReason.LevelNotPermitted;
        if (terms.minCohort < found.dataset.minCohort) return DenialReason.CohortBelowFloor;
        if (found.uses >= terms.maxUses) return DenialReason.UsesExhausted;
        return DenialReason.None;
    }

    /// @dev The clock alone matters at three seconds; the next of them counts.
    function _until(Case memory found) private pure returns (uint48 until) {
        until = _earlier(type(uint48).max, found.terms.validFrom, found.time);
        until = _earlier(until, found.terms.validUntil, found.time);
        until = _earlier(until, found.key.validUntil, found.time);
    }

    function _earlier(uint48 until, uint48 second, uint48 time) private pure returns (uint48) {
        return time < second && second < until ? second : until;
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
