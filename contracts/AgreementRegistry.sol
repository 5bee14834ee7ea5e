// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IAgreementRegistry } from "./interfaces/IAgreementRegistry.sol";
import { IDatasetRegistry } from "./interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { AgreementId, DatasetId, Disclosure, ParticipantId, Role } from "./interfaces/Types.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { TypedTerms } from "./libraries/TypedTerms.sol";

/// @title Digital contracts
/// @dev Granting needs everybody, stopping needs one: a party stops an agreement even while it is suspended itself.
contract AgreementRegistry is IAgreementRegistry, AccessManaged, EIP712 {
    using TypedTerms for Terms;

    // --- Constants ---

    uint256 private constant MAX_ROWS_TEXT = 512;
    uint256 private constant MAX_POLICY = 8_192;
    uint256 private constant MAX_REASON = 1_024;
    AgreementId private constant NONE = AgreementId.wrap(0);

    // --- Immutables ---

    IParticipantRegistry private immutable PARTICIPANTS;
    IDatasetRegistry private immutable DATASETS;
    address private immutable ACCESS_LOG;

    // --- Storage ---

    uint8 private _approvals;
    mapping(AgreementId id => Terms) private _terms;
    mapping(AgreementId id => bytes32 structHash) private _structHashes;
    /// @dev Without the lineage, which stands apart.
    mapping(AgreementId id => Facts) private _facts;
    /// @dev By assigner, so that metering finds both in one slot.
    mapping(ParticipantId assigner => mapping(AgreementId id => AgreementId lineage)) private _lineages;
    mapping(AgreementId id => mapping(ParticipantId regulator => bool)) private _hasApproved;
    mapping(AgreementId lineage => uint64) private _uses;

    // --- Constructor ---

    /// @param accessLog The log that will be deployed next: its address follows from the deployer's nonce.
    constructor(
        address manager,
        IParticipantRegistry participants,
        IDatasetRegistry datasets,
        address accessLog,
        uint8 approvals
    ) AccessManaged(manager) EIP712("Datapact", "1") {
        PARTICIPANTS = participants;
        DATASETS = datasets;
        ACCESS_LOG = accessLog;
        _setApprovals(approvals);
    }

    // --- External writes ---

    /// @inheritdoc IAgreementRegistry
    function offer(Terms calldata newTerms, string calldata policy) external returns (AgreementId id) {
        bytes32 structHash = newTerms.structHash();
        id = AgreementId.wrap(_hashTypedDataV4(structHash));
        if (_facts[id].offeredAt != 0) revert AgreementExists(id);
        _checkParties(newTerms);
        _checkScope(newTerms);
        _checkLimits(newTerms);
        if (bytes(policy).length > MAX_POLICY || keccak256(bytes(policy)) != newTerms.policy) {
            revert TermsPolicyInvalid(newTerms.policy);
        }
        if (newTerms.replaces != NONE) _checkReplaced(newTerms);

        _terms[id] = newTerms;
        _structHashes[id] = structHash;
        _facts[id].offeredAt = _now();
        mapping(AgreementId => AgreementId) storage lineages = _lineages[newTerms.assigner];
        lineages[id] = newTerms.replaces == NONE ? id : lineages[newTerms.replaces];
        emit AgreementOffered(id, newTerms.assigner, newTerms.assignee, newTerms, policy);
    }

    /// @inheritdoc IAgreementRegistry
    /// @dev An approval is an act of its time: it stands even if the regulator is suspended before the last signature. Any regulator
    /// can terminate what should not have been approved.
    function sign(AgreementId id, Capacity capacity, ParticipantId signer, bytes calldata signature) external {
        _requireKnown(id);
        Status current = status(id);
        if (current != Status.Offered) revert UnexpectedStatus(id, current);
        if (!_isSigner(id, capacity, signer)) revert SignerInvalid(signer, capacity);
        if (_hasSigned(id, capacity, signer)) revert SignatureRepeated(id, signer);
        address key = PARTICIPANTS.participant(signer).key;
        if (!Signatures.isValid(key, digestToSign(id, capacity, signer), signature)) revert SignatureInvalid(id, signer);
        uint8 required = approvalsFor(_terms[id].dataset);

        Facts storage record = _facts[id];
        if (capacity == Capacity.Assigner) {
            record.assignerSignedAt = _now();
        } else if (capacity == Capacity.Assignee) {
            record.assigneeSignedAt = _now();
        } else {
            ++record.approvals;
            _hasApproved[id][signer] = true;
        }
        emit AgreementSigned(id, signer, capacity, key, signature);
        if (record.assignerSignedAt != 0 && record.assigneeSignedAt != 0 && record.approvals >= required) _finalize(id);
    }

    /// @inheritdoc IAgreementRegistry
    function suspend(AgreementId id, string calldata reason) external {
        (ParticipantId by, Capacity capacity) = _requireStopper(id);
        _requireReason(reason);
        if (_facts[id].suspendedAt[uint8(capacity)] != 0) revert UnexpectedStatus(id, Status.Suspended);

        _facts[id].suspendedAt[uint8(capacity)] = _now();
        emit AgreementSuspended(id, by, capacity, reason);
    }

    /// @inheritdoc IAgreementRegistry
    /// @dev A suspended party does not reinstate: that would grant.
    function reinstate(AgreementId id) external {
        (ParticipantId by, Capacity capacity) = _requireStopper(id);
        if (!PARTICIPANTS.isActive(by, _roleOf(capacity))) revert AgreementUnauthorized(id, msg.sender);
        if (_facts[id].suspendedAt[uint8(capacity)] == 0) revert UnexpectedStatus(id, status(id));

        _facts[id].suspendedAt[uint8(capacity)] = 0;
        emit AgreementReinstated(id, by, capacity);
    }

    /// @inheritdoc IAgreementRegistry
    function terminate(AgreementId id, string calldata reason) external {
        (ParticipantId by, Capacity capacity) = _requireStopper(id);
        _requireReason(reason);

        _facts[id].terminatedAt = _now();
        emit AgreementTerminated(id, by, capacity, reason);
    }

    /// @inheritdoc IAgreementRegistry
    /// @dev Asks for no status: what was served before a stop must still be recorded.
    function meter(ParticipantId hospital, Usage[] calldata usages) external {
        if (msg.sender != ACCESS_LOG) revert MeterUnauthorized(msg.sender);
        for (uint256 i = 0; i < usages.length; ++i) {
            AgreementId id = usages[i].agreement;
            uint64 count = usages[i].count;
            AgreementId lineage = _lineages[hospital][id];
            if (lineage == NONE || count == 0) revert UsageInvalid(id, count);

            uint64 uses = _uses[lineage] + count;
            _uses[lineage] = uses;
            emit AgreementUsed(id, count, uses);
        }
    }

    /// @inheritdoc IAgreementRegistry
    function setApprovals(uint8 approvals) external restricted {
        _setApprovals(approvals);
    }

    // --- External reads ---

    /// @inheritdoc IAgreementRegistry
    function idOf(Terms calldata someTerms) external view returns (AgreementId) {
        return AgreementId.wrap(_hashTypedDataV4(someTerms.structHash()));
    }

    /// @inheritdoc IAgreementRegistry
    function terms(AgreementId id) external view returns (Terms memory) {
        return _terms[id];
    }

    /// @inheritdoc IAgreementRegistry
    function facts(AgreementId id) external view returns (Facts memory record) {
        record = _facts[id];
        record.lineage = _lineageOf(id);
    }

    /// @inheritdoc IAgreementRegistry
    function usesOf(AgreementId id) external view returns (uint64) {
        return _uses[_lineageOf(id)];
    }

    /// @inheritdoc IAgreementRegistry
    function digestToSign(AgreementId id, Capacity capacity, ParticipantId signer) public view returns (bytes32) {
        _requireKnown(id);
        return _hashTypedDataV4(TypedTerms.signatureHash(_structHashes[id], capacity, signer));
    }

    /// @inheritdoc IAgreementRegistry
    function status(AgreementId id) public view returns (Status) {
        Facts storage record = _facts[id];
        Terms storage agreed = _terms[id];
        if (record.offeredAt == 0) return Status.Unknown;
        if (record.terminatedAt != 0) return Status.Terminated;
        if (_now() >= agreed.validUntil) return Status.Expired;
        if (_isSuspended(record, agreed)) return Status.Suspended;
        if (record.finalizedAt == 0) return Status.Offered;
        return _now() < agreed.validFrom ? Status.Scheduled : Status.InForce;
    }

    /// @inheritdoc IAgreementRegistry
    function approvalsFor(DatasetId dataset) public view returns (uint8) {
        uint8 own = DATASETS.dataset(dataset).approvals;
        return own > _approvals ? own : _approvals;
    }

    // --- Internal ---

    function _finalize(AgreementId id) private {
        _facts[id].finalizedAt = _now();
        emit AgreementFinalized(id);
        AgreementId replaced = _terms[id].replaces;
        if (replaced == NONE) return;
        // Since the offer it may have been terminated, or replaced by another.
        if (_facts[replaced].terminatedAt != 0) revert TermsReplacesInvalid(replaced);

        _facts[replaced].terminatedAt = _now();
        _facts[replaced].replacedBy = id;
        emit AgreementReplaced(replaced, id);
    }

    function _setApprovals(uint8 approvals) private {
        if (approvals == 0) revert ApprovalsInvalid(approvals);

        _approvals = approvals;
        emit ApprovalsSet(approvals);
    }

    function _checkParties(Terms calldata offered) private view {
        if (!PARTICIPANTS.isActive(offered.assigner, Role.Hospital)) revert TermsPartyInvalid(offered.assigner);
        bool isAssignee = PARTICIPANTS.isActive(offered.assignee, Role.Consumer) && offered.assignee != offered.assigner;
        if (!isAssignee) revert TermsPartyInvalid(offered.assignee);
    }

    function _checkScope(Terms calldata offered) private view {
        IDatasetRegistry.Dataset memory dataset = DATASETS.dataset(offered.dataset);
        if (dataset.holder != offered.assigner || !_isLive(dataset)) revert TermsDatasetInvalid(offered.dataset);
        if (dataset.description != offered.description) revert TermsDescriptionInvalid(offered.description);
        if (!DATASETS.isPurposePermitted(offered.dataset, offered.purpose)) revert TermsPurposeInvalid(offered.purpose);
        // A shift by 256 leaves nothing, so that a dataset of 256 fields refuses none.
        uint256 refused = type(uint256).max << dataset.fieldCount;
        if (offered.disclosure != Disclosure.Identified) refused |= dataset.direct;
        if (offered.fields == 0 || offered.fields & refused != 0) revert TermsFieldsInvalid(offered.fields);
        if (offered.disclosure > dataset.maxDisclosure) revert TermsDisclosureInvalid(offered.disclosure);
        if (offered.minCohort < dataset.minCohort) revert TermsCohortTooSmall(offered.minCohort, dataset.minCohort);
    }

    function _checkLimits(Terms calldata offered) private view {
        if (bytes(offered.rows).length > MAX_ROWS_TEXT) revert TermsRowsTooLong(bytes(offered.rows).length);
        if (offered.maxUses == 0 || offered.maxRows == 0) revert TermsLimitInvalid();
        if (offered.validFrom >= offered.validUntil || offered.validUntil <= _now()) {
            revert TermsPeriodInvalid(offered.validFrom, offered.validUntil);
        }
    }

    function _checkReplaced(Terms calldata offered) private view {
        Facts storage record = _facts[offered.replaces];
        Terms storage replaced = _terms[offered.replaces];
        bool isSame =
            replaced.assigner == offered.assigner && replaced.assignee == offered.assignee && replaced.dataset == offered.dataset;
        if (!isSame || record.finalizedAt == 0 || record.terminatedAt != 0) revert TermsReplacesInvalid(offered.replaces);
    }

    function _requireKnown(AgreementId id) private view {
        if (_facts[id].offeredAt == 0) revert AgreementUnknown(id);
    }

    function _requireReason(string calldata reason) private pure {
        if (bytes(reason).length > MAX_REASON) revert ReasonTooLong(bytes(reason).length);
    }

    /// @dev Returns who stops an agreement that has not ended, and in which capacity.
    function _requireStopper(AgreementId id) private view returns (ParticipantId by, Capacity capacity) {
        _requireKnown(id);
        by = PARTICIPANTS.principalOf(msg.sender);
        if (by == _terms[id].assigner) capacity = Capacity.Assigner;
        else if (by == _terms[id].assignee) capacity = Capacity.Assignee;
        else if (PARTICIPANTS.isActive(by, Role.Regulator)) capacity = Capacity.Regulator;
        else revert AgreementUnauthorized(id, msg.sender);
        if (_facts[id].terminatedAt != 0) revert UnexpectedStatus(id, Status.Terminated);
    }

    function _lineageOf(AgreementId id) private view returns (AgreementId) {
        return _lineages[_terms[id].assigner][id];
    }

    function _isSigner(AgreementId id, Capacity capacity, ParticipantId signer) private view returns (bool) {
        if (capacity == Capacity.Assigner) return signer == _terms[id].assigner;
        if (capacity == Capacity.Assignee) return signer == _terms[id].assignee;
        return PARTICIPANTS.isActive(signer, Role.Regulator);
    }

    function _hasSigned(AgreementId id, Capacity capacity, ParticipantId signer) private view returns (bool) {
        if (capacity == Capacity.Assigner) return _facts[id].assignerSignedAt != 0;
        if (capacity == Capacity.Assignee) return _facts[id].assigneeSignedAt != 0;
        return _hasApproved[id][signer];
    }

    /// @dev By somebody in some capacity, or because a party, the dataset or its description is not what it was.
    function _isSuspended(Facts storage record, Terms storage agreed) private view returns (bool) {
        if (record.suspendedAt[0] | record.suspendedAt[1] | record.suspendedAt[2] != 0) return true;
        if (!PARTICIPANTS.isActive(agreed.assigner, Role.Hospital)) return true;
        if (!PARTICIPANTS.isActive(agreed.assignee, Role.Consumer)) return true;
        IDatasetRegistry.Dataset memory dataset = DATASETS.dataset(agreed.dataset);
        return !_isLive(dataset) || dataset.description != agreed.description;
    }

    function _isLive(IDatasetRegistry.Dataset memory dataset) private pure returns (bool) {
        return dataset.suspendedByHolderAt | dataset.suspendedByRegulatorAt | dataset.retiredAt == 0;
    }

    function _roleOf(Capacity capacity) private pure returns (Role) {
        if (capacity == Capacity.Assigner) return Role.Hospital;
        return capacity == Capacity.Assignee ? Role.Consumer : Role.Regulator;
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
