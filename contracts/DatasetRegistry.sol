// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IDatasetRegistry } from "./interfaces/IDatasetRegistry.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { DatasetId, ParticipantId, Role } from "./interfaces/Types.sol";
import { Descriptions } from "./libraries/Descriptions.sol";
import { Texts } from "./libraries/Texts.sol";

/// @title Datasets that can be put under contract
contract DatasetRegistry is IDatasetRegistry {
    using Texts for string;

    // --- Constants ---

    /// @dev No holder may go below: figures on fewer than five people are disclosive by any statistical office's rule.
    uint32 private constant MIN_COHORT = 5;
    uint256 private constant MAX_NAME = 128;
    uint256 private constant MAX_PURPOSES = 32;
    uint256 private constant MIN_PURPOSE = 3;
    uint256 private constant MAX_PURPOSE = 64;

    // --- Immutables ---

    IParticipantRegistry private immutable PARTICIPANTS;

    // --- Storage ---

    mapping(DatasetId id => Dataset) private _datasets;
    /// @dev The revision that last permitted a purpose, so that an update forgets the former purposes without visiting them.
    mapping(DatasetId id => mapping(bytes32 purposeHash => uint32 revision)) private _purposes;

    // --- Constructor ---

    constructor(IParticipantRegistry participants) {
        PARTICIPANTS = participants;
    }

    // --- External writes ---

    /// @inheritdoc IDatasetRegistry
    function register(
        string calldata name,
        Description calldata description,
        Rules calldata rules
    ) external returns (DatasetId id) {
        ParticipantId holder = PARTICIPANTS.principalOf(msg.sender);
        if (!PARTICIPANTS.isActive(holder, Role.Hospital)) revert DatasetHolderInvalid(holder);
        if (!name.isPlain(MAX_NAME)) revert DatasetNameInvalid();
        id = DatasetId.wrap(keccak256(abi.encode(holder, name)));
        if (_datasets[id].registeredAt != 0) revert DatasetExists(id);

        _datasets[id].holder = holder;
        _datasets[id].registeredAt = _now();
        bytes32 digest = _set(id, description, rules);
        emit DatasetRegistered(id, holder, name, digest, description, rules);
    }

    /// @inheritdoc IDatasetRegistry
    function update(DatasetId id, Description calldata description, Rules calldata rules) external {
        _requireLive(id);
        if (!_isHolder(id) || !PARTICIPANTS.isActive(_datasets[id].holder, Role.Hospital)) {
            revert DatasetUnauthorized(id, msg.sender);
        }

        bytes32 digest = _set(id, description, rules);
        emit DatasetUpdated(id, _datasets[id].revision, digest, description, rules);
    }

    /// @inheritdoc IDatasetRegistry
    function suspend(DatasetId id, string calldata reason) external {
        _requireLive(id);
        Dataset storage record = _datasets[id];
        (ParticipantId by, bool isHolder) = _requireStopper(id);
        if ((isHolder ? record.suspendedByHolderAt : record.suspendedByRegulatorAt) != 0) revert DatasetStatusUnexpected(id);

        if (isHolder) record.suspendedByHolderAt = _now();
        else record.suspendedByRegulatorAt = _now();
        emit DatasetSuspended(id, by, reason);
    }

    /// @inheritdoc IDatasetRegistry
    /// @dev A suspended holder does not reinstate: that would grant.
    function reinstate(DatasetId id) external {
        _requireLive(id);
        Dataset storage record = _datasets[id];
        (ParticipantId by, bool isHolder) = _requireStopper(id);
        if (isHolder && !PARTICIPANTS.isActive(by, Role.Hospital)) revert DatasetUnauthorized(id, msg.sender);
        if ((isHolder ? record.suspendedByHolderAt : record.suspendedByRegulatorAt) == 0) revert DatasetStatusUnexpected(id);

        if (isHolder) record.suspendedByHolderAt = 0;
        else record.suspendedByRegulatorAt = 0;
        emit DatasetReinstated(id, by);
    }

    /// @inheritdoc IDatasetRegistry
    function retire(DatasetId id) external {
        _requireLive(id);
        if (!_isHolder(id)) revert DatasetUnauthorized(id, msg.sender);

        _datasets[id].retiredAt = _now();
        emit DatasetRetired(id);
    }

    // --- External reads ---

    /// @inheritdoc IDatasetRegistry
    function dataset(DatasetId id) external view returns (Dataset memory) {
        return _datasets[id];
    }

    /// @inheritdoc IDatasetRegistry
    function isPurposePermitted(DatasetId id, string calldata purpose) external view returns (bool) {
        uint32 revision = _datasets[id].revision;
        return revision != 0 && _purposes[id][keccak256(bytes(purpose))] == revision;
    }

    // --- Internal ---

    function _set(DatasetId id, Description calldata description, Rules calldata rules) private returns (bytes32 digest) {
        (uint256 fieldCount, Descriptions.Levels memory levels) = Descriptions.check(description);
        if (rules.minCohort < MIN_COHORT) revert RulesCohortTooSmall(rules.minCohort);
        digest = keccak256(abi.encode(description));

        Dataset storage record = _datasets[id];
        record.description = digest;
        ++record.revision;
        record.fieldCount = uint16(fieldCount);
        record.maxDisclosure = rules.maxDisclosure;
        record.minCohort = rules.minCohort;
        record.approvals = rules.approvals;
        record.quasi = levels.quasi;
        record.sensitive = levels.sensitive;
        record.linking = levels.linking;
        record.direct = levels.direct;
        _setPurposes(id, record.revision, rules.purposes);
    }

    function _setPurposes(DatasetId id, uint32 revision, string[] calldata purposes) private {
        for (uint256 i = 0; i < purposes.length; ++i) {
            string calldata purpose = purposes[i];
            bool isCurie = bytes(purpose).length >= MIN_PURPOSE && purpose.isToken(MAX_PURPOSE) && purpose.contains(":");
            if (i == MAX_PURPOSES || !isCurie) revert RulesPurposeInvalid(purpose);
            _purposes[id][keccak256(bytes(purpose))] = revision;
        }
    }

    function _requireLive(DatasetId id) private view {
        if (_datasets[id].registeredAt == 0) revert DatasetUnknown(id);
        if (_datasets[id].retiredAt != 0) revert DatasetStatusUnexpected(id);
    }

    /// @dev The holder stops even while suspended; a regulator must be active.
    function _requireStopper(DatasetId id) private view returns (ParticipantId by, bool isHolder) {
        by = PARTICIPANTS.principalOf(msg.sender);
        isHolder = by == _datasets[id].holder;
        if (!isHolder && !PARTICIPANTS.isActive(by, Role.Regulator)) revert DatasetUnauthorized(id, msg.sender);
    }

    function _isHolder(DatasetId id) private view returns (bool) {
        return PARTICIPANTS.principalOf(msg.sender) == _datasets[id].holder;
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
