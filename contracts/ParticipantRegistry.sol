// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { ParticipantId, Role } from "./interfaces/Types.sol";
import { Texts } from "./libraries/Texts.sol";

/// @title Legal entities, their roles and their keys
/// @dev A suspended participant may only revoke delegates: what grants waits, what stops always works. Recovery of a key works too, so
/// that a stolen key is dealt with in this order: suspend, recoverKey, reinstate.
contract ParticipantRegistry is IParticipantRegistry, AccessManaged {
    using Texts for string;

    // --- Types ---

    struct Interval {
        uint48 validFrom;
        uint48 validUntil;
        bool isDelegate;
    }

    // --- Constants ---

    uint256 private constant MAX_REGISTRATION_NUMBER = 64;
    uint256 private constant MAX_NAME = 128;
    uint256 private constant MAX_DELEGATES = 16;
    uint48 private constant FOREVER = type(uint48).max;
    ParticipantId private constant NOBODY = ParticipantId.wrap(0);

    // --- Storage ---

    mapping(ParticipantId id => Participant) private _participants;
    mapping(address key => ParticipantId id) private _owners;
    mapping(ParticipantId id => mapping(address key => Interval)) private _intervals;
    /// @dev Whom a recovery ends: those that act, and at most as many that did.
    mapping(ParticipantId id => address[]) private _delegates;

    // --- Constructor ---

    constructor(address manager) AccessManaged(manager) {}

    // --- External writes ---

    /// @inheritdoc IParticipantRegistry
    function admit(
        string calldata registrationNumber,
        string calldata name,
        uint8 roles,
        ParticipantId hospital,
        address key
    ) external restricted returns (ParticipantId id) {
        if (!_isRoleSet(roles)) revert ParticipantRolesInvalid(roles);
        bool isHospitalFitting = roles == _bit(Role.Gateway) ? isActive(hospital, Role.Hospital) : hospital == NOBODY;
        if (!isHospitalFitting) revert ParticipantHospitalInvalid(hospital);
        return _admit(registrationNumber, name, roles, hospital, key);
    }

    /// @inheritdoc IParticipantRegistry
    /// @dev Apart from `admit`, so that it can be under another role: who appoints regulators decides what is approved.
    function appoint(
        string calldata registrationNumber,
        string calldata name,
        address key
    ) external restricted returns (ParticipantId id) {
        return _admit(registrationNumber, name, _bit(Role.Regulator), NOBODY, key);
    }

    /// @inheritdoc IParticipantRegistry
    function rotateKey(address newKey) external {
        _rotate(_requireActiveSender(), newKey);
    }

    /// @inheritdoc IParticipantRegistry
    function recoverKey(ParticipantId id, address newKey) external restricted {
        _requireAdmitted(id);
        _rotate(id, newKey);
        address[] storage delegates = _delegates[id];
        for (uint256 i = 0; i < delegates.length; ++i) {
            if (_intervals[id][delegates[i]].validUntil > _now()) _end(id, delegates[i]);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function authorizeDelegate(address delegate, uint48 validUntil) external {
        ParticipantId id = _requireActiveSender();
        if (validUntil <= _now()) revert DelegatePeriodInvalid(validUntil);
        Interval storage interval = _intervals[id][delegate];
        // An interval that has ended stays as it was, else the past would change.
        bool isRenewal = interval.isDelegate && _now() < interval.validUntil;
        if (!isRenewal) _requireFree(delegate);

        if (isRenewal) {
            interval.validUntil = validUntil;
        } else {
            _delegates[id][_freePlace(id)] = delegate;
            _bind(delegate, id, validUntil, true);
        }
        emit DelegateAuthorized(id, delegate, validUntil);
    }

    /// @inheritdoc IParticipantRegistry
    function revokeDelegate(address delegate) external {
        ParticipantId id = _requireSender();
        Interval storage interval = _intervals[id][delegate];
        if (!interval.isDelegate || interval.validUntil <= _now()) revert DelegateUnknown(delegate);

        _end(id, delegate);
    }

    /// @inheritdoc IParticipantRegistry
    function suspend(ParticipantId id, string calldata reason) external restricted {
        _requireAdmitted(id);
        if (_participants[id].suspendedAt != 0) revert ParticipantStatusUnexpected(id, true);

        _participants[id].suspendedAt = _now();
        emit ParticipantSuspended(id, reason);
    }

    /// @inheritdoc IParticipantRegistry
    function reinstate(ParticipantId id) external restricted {
        _requireAdmitted(id);
        if (_participants[id].suspendedAt == 0) revert ParticipantStatusUnexpected(id, false);

        _participants[id].suspendedAt = 0;
        emit ParticipantReinstated(id);
    }

    // --- External reads ---

    /// @inheritdoc IParticipantRegistry
    function participant(ParticipantId id) external view returns (Participant memory) {
        return _participants[id];
    }

    /// @inheritdoc IParticipantRegistry
    function keyRecord(address key) external view returns (Key memory) {
        ParticipantId id = _owners[key];
        Interval memory interval = _intervals[id][key];
        return Key(id, interval.validFrom, interval.validUntil, interval.isDelegate);
    }

    /// @inheritdoc IParticipantRegistry
    function isKeyOf(address key, ParticipantId id, uint48 time) external view returns (bool) {
        return _isIn(_intervals[id][key], time);
    }

    /// @inheritdoc IParticipantRegistry
    function periodOf(address key, ParticipantId id) external view returns (uint48 validFrom, uint48 validUntil) {
        Interval storage interval = _intervals[id][key];
        return (interval.validFrom, interval.validUntil);
    }

    /// @inheritdoc IParticipantRegistry
    function principalOf(address key) external view returns (ParticipantId) {
        return _principalOf(key);
    }

    /// @inheritdoc IParticipantRegistry
    function gatewayOf(address key) external view returns (ParticipantId gateway, ParticipantId hospital) {
        ParticipantId id = _owners[key];
        if (!_isIn(_intervals[id][key], _now())) return (NOBODY, NOBODY);
        // Only a gateway has a hospital.
        hospital = _participants[id].hospital;
        gateway = hospital == NOBODY ? NOBODY : id;
    }

    /// @inheritdoc IParticipantRegistry
    function isActive(ParticipantId id, Role role) public view returns (bool) {
        Participant storage record = _participants[id];
        return record.roles & _bit(role) != 0 && record.suspendedAt == 0;
    }

    // --- Internal ---

    function _admit(
        string calldata registrationNumber,
        string calldata name,
        uint8 roles,
        ParticipantId hospital,
        address key
    ) private returns (ParticipantId id) {
        id = ParticipantId.wrap(keccak256(bytes(registrationNumber)));
        if (_participants[id].admittedAt != 0) revert ParticipantExists(id);
        if (!registrationNumber.isToken(MAX_REGISTRATION_NUMBER) || !name.isPlain(MAX_NAME)) revert ParticipantTextInvalid();
        _requireFree(key);

        _participants[id] = Participant(roles, _now(), 0, key, hospital, registrationNumber, name);
        _bind(key, id, FOREVER, false);
        emit ParticipantAdmitted(id, registrationNumber, name, roles, hospital, key);
    }

    function _rotate(ParticipantId id, address newKey) private {
        _requireFree(newKey);
        address previous = _participants[id].key;

        _intervals[id][previous].validUntil = _now();
        _participants[id].key = newKey;
        _bind(newKey, id, FOREVER, false);
        emit KeyRotated(id, previous, newKey);
    }

    function _end(ParticipantId id, address delegate) private {
        _intervals[id][delegate].validUntil = _now();
        emit DelegateRevoked(id, delegate);
    }

    /// @dev Returns the place of a delegate that has ended, or a new one.
    function _freePlace(ParticipantId id) private returns (uint256 place) {
        address[] storage delegates = _delegates[id];
        for (; place < delegates.length; ++place) {
            if (_intervals[id][delegates[place]].validUntil <= _now()) return place;
        }
        if (place == MAX_DELEGATES) revert DelegatesExhausted(id);
        delegates.push();
    }

    function _bind(address key, ParticipantId id, uint48 validUntil, bool isDelegate) private {
        _owners[key] = id;
        _intervals[id][key] = Interval(_now(), validUntil, isDelegate);
    }

    function _requireFree(address key) private view {
        if (key == address(0)) revert KeyInvalid(key);
        if (_owners[key] != NOBODY) revert KeyTaken(key);
    }

    function _requireAdmitted(ParticipantId id) private view {
        if (_participants[id].admittedAt == 0) revert ParticipantUnknown(id);
    }

    function _requireSender() private view returns (ParticipantId id) {
        id = _principalOf(msg.sender);
        if (id == NOBODY) revert KeyUnauthorized(msg.sender);
    }

    function _requireActiveSender() private view returns (ParticipantId id) {
        id = _requireSender();
        if (_participants[id].suspendedAt != 0) revert ParticipantStatusUnexpected(id, true);
    }

    function _principalOf(address key) private view returns (ParticipantId) {
        ParticipantId id = _owners[key];
        return _participants[id].key == key ? id : NOBODY;
    }

    function _isIn(Interval storage interval, uint48 time) private view returns (bool) {
        return interval.validFrom <= time && time < interval.validUntil;
    }

    /// @dev Hospital, Consumer or both; Gateway alone: who carries data is not a party, nor is a regulator, who is appointed.
    function _isRoleSet(uint8 roles) private pure returns (bool) {
        uint8 parties = _bit(Role.Hospital) | _bit(Role.Consumer);
        bool isParty = roles != 0 && roles & ~parties == 0;
        return isParty || roles == _bit(Role.Gateway);
    }

    function _bit(Role role) private pure returns (uint8) {
        return uint8(1 << uint8(role));
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
