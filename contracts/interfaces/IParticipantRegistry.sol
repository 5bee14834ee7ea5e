// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { ParticipantId, Role } from "./Types.sol";

/// @title Legal entities, their roles and their keys
/// @notice Holds who takes part, in which role, and which key acts for whom at what time.
interface IParticipantRegistry {
    /// @param roles Set of `Role`, bit `1 << uint8(role)`.
    /// @param hospital The hospital for which a gateway acts; zero for all others.
    /// @param key The current principal key: an account or an ERC-1271 wallet.
    struct Participant {
        uint8 roles;
        uint48 admittedAt;
        uint48 suspendedAt;
        address key;
        ParticipantId hospital;
        string registrationNumber;
        string name;
    }

    /// @notice A key belongs to one participant for ever; its interval is half-open.
    /// @param isDelegate True if the key may sign usage requests, receipts and batches, but no agreement and no act of governance.
    struct Key {
        ParticipantId participant;
        uint48 validFrom;
        uint48 validUntil;
        bool isDelegate;
    }

    event ParticipantAdmitted(
        ParticipantId indexed id,
        string registrationNumber,
        string name,
        uint8 roles,
        ParticipantId hospital,
        address key
    );
    event ParticipantSuspended(ParticipantId indexed id, string reason);
    event ParticipantReinstated(ParticipantId indexed id);
    event KeyRotated(ParticipantId indexed id, address indexed previous, address indexed current);
    event DelegateAuthorized(ParticipantId indexed id, address indexed delegate, uint48 validUntil);
    event DelegateRevoked(ParticipantId indexed id, address indexed delegate);

    error ParticipantUnknown(ParticipantId id);
    error ParticipantExists(ParticipantId id);
    error ParticipantStatusUnexpected(ParticipantId id, bool suspended);
    error ParticipantRolesInvalid(uint8 roles);
    error ParticipantHospitalInvalid(ParticipantId hospital);
    error ParticipantTextInvalid();
    error KeyInvalid(address key);
    error KeyTaken(address key);
    error KeyUnauthorized(address key);
    error DelegateUnknown(address delegate);
    error DelegatePeriodInvalid(uint48 validUntil);
    error DelegatesExhausted(ParticipantId id);

    /// @notice Admits a legal entity, or a gateway of a hospital.
    /// @param roles Hospital, Consumer, both, or Gateway.
    function admit(
        string calldata registrationNumber,
        string calldata name,
        uint8 roles,
        ParticipantId hospital,
        address key
    ) external returns (ParticipantId id);

    /// @notice Admits a legal entity as a regulator, and as nothing else.
    function appoint(string calldata registrationNumber, string calldata name, address key) external returns (ParticipantId id);

    /// @notice Replaces the sender's principal key; from this second on the old one signs nothing new.
    function rotateKey(address newKey) external;

    /// @notice Replaces a lost or stolen principal key and ends all delegates, whoever named them, on the authority's order.
    function recoverKey(ParticipantId id, address newKey) external;

    /// @notice Lets another key act for the sender until `validUntil`, exclusive; at most 16 at a time.
    function authorizeDelegate(address delegate, uint48 validUntil) external;

    /// @notice Ends a delegate of the sender at once.
    function revokeDelegate(address delegate) external;

    /// @notice Stops every agreement of a participant in this block.
    function suspend(ParticipantId id, string calldata reason) external;

    /// @notice Undoes a suspension.
    function reinstate(ParticipantId id) external;

    /// @notice Returns the record of a participant; all zero if unknown.
    function participant(ParticipantId id) external view returns (Participant memory);

    /// @notice Returns the record of a key; all zero if unknown.
    function keyRecord(address key) external view returns (Key memory);

    /// @notice Tells whether a participant has been admitted in this role and is not suspended.
    function isActive(ParticipantId id, Role role) external view returns (bool);

    /// @notice Tells whether a key, principal or delegate, acted for a participant at that second.
    function isKeyOf(address key, ParticipantId id, uint48 time) external view returns (bool);

    /// @notice Returns from when until when, half-open, a key acts for a participant; both zero if it never did.
    function periodOf(address key, ParticipantId id) external view returns (uint48 validFrom, uint48 validUntil);

    /// @notice Returns whom a current principal key stands for; zero if none.
    function principalOf(address key) external view returns (ParticipantId);

    /// @notice Returns for which gateway, suspended or not, a key acts now, and its hospital; zero if for none.
    function gatewayOf(address key) external view returns (ParticipantId gateway, ParticipantId hospital);
}
