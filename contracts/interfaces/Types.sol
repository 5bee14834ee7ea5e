// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice keccak256 of the public registration number of a legal entity.
type ParticipantId is bytes32;

/// @notice keccak256 of the ABI encoding of a dataset's holder and name.
type DatasetId is bytes32;

/// @notice EIP-712 digest of an agreement's terms.
type AgreementId is bytes32;

using { equals as ==, differs as != } for ParticipantId global;
using { isSame as ==, isOther as != } for DatasetId global;
using { agrees as ==, disagrees as != } for AgreementId global;

function equals(ParticipantId a, ParticipantId b) pure returns (bool) {
    return ParticipantId.unwrap(a) == ParticipantId.unwrap(b);
}

function differs(ParticipantId a, ParticipantId b) pure returns (bool) {
    return ParticipantId.unwrap(a) != ParticipantId.unwrap(b);
}

function isSame(DatasetId a, DatasetId b) pure returns (bool) {
    return DatasetId.unwrap(a) == DatasetId.unwrap(b);
}

function isOther(DatasetId a, DatasetId b) pure returns (bool) {
    return DatasetId.unwrap(a) != DatasetId.unwrap(b);
}

function agrees(AgreementId a, AgreementId b) pure returns (bool) {
    return AgreementId.unwrap(a) == AgreementId.unwrap(b);
}

function disagrees(AgreementId a, AgreementId b) pure returns (bool) {
    return AgreementId.unwrap(a) != AgreementId.unwrap(b);
}

/// @notice What may leave the hospital: computed figures, rows without identifiers, or rows as they are.
enum Disclosure {
    Aggregate,
    Deidentified,
    Identified
}

/// @notice When an answer may leave: with its receipt, or only once its entry is anchored.
enum Assurance {
    Receipt,
    Anchored
}

/// @notice The roles of a participant. `roles` in a participant is a set: bit `1 << uint8(role)`.
enum Role {
    Hospital,
    Consumer,
    Regulator,
    Gateway
}
