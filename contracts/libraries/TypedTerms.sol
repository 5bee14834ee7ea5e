// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAgreementRegistry } from "../interfaces/IAgreementRegistry.sol";
import { Assurance, Disclosure, ParticipantId } from "../interfaces/Types.sol";

/// @title The EIP-712 form of an agreement's terms
/// @dev Enums are signed by name, so that a wallet shows words.
library TypedTerms {
    // solhint-disable gas-small-strings
    string private constant TERMS =
        "Terms(bytes32 assigner,bytes32 assignee,bytes32 dataset,bytes32 description,string purpose,uint256 fields,string rows,"
        "string disclosure,uint32 minCohort,uint64 maxUses,uint64 maxRows,uint48 validFrom,uint48 validUntil,string assurance,"
        "bytes32 policy,bytes32 replaces,bytes32 salt)";
    bytes32 private constant TERMS_TYPE = keccak256(bytes(TERMS));
    bytes32 private constant SIGNATURE_TYPE = keccak256(
        bytes.concat("Signature(string capacity,bytes32 signer,Terms terms)", bytes(TERMS))
    );

    // solhint-enable gas-small-strings

    /// @notice Returns the EIP-712 hash of the terms, without a domain.
    function structHash(IAgreementRegistry.Terms calldata terms) internal pure returns (bytes32) {
        bytes memory what = abi.encode(
            TERMS_TYPE,
            terms.assigner,
            terms.assignee,
            terms.dataset,
            terms.description,
            keccak256(bytes(terms.purpose)),
            terms.fields,
            keccak256(bytes(terms.rows)),
            keccak256(bytes(_nameOf(terms.disclosure)))
        );
        bytes memory limits = abi.encode(
            terms.minCohort,
            terms.maxUses,
            terms.maxRows,
            terms.validFrom,
            terms.validUntil,
            keccak256(bytes(_nameOf(terms.assurance))),
            terms.policy,
            terms.replaces,
            terms.salt
        );
        return keccak256(bytes.concat(what, limits));
    }

    /// @notice Returns the EIP-712 hash of a signature over terms of this hash, without a domain.
    function signatureHash(
        bytes32 termsHash,
        IAgreementRegistry.Capacity capacity,
        ParticipantId signer
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(SIGNATURE_TYPE, keccak256(bytes(_nameOf(capacity))), signer, termsHash));
    }

    function _nameOf(Disclosure disclosure) private pure returns (string memory) {
        if (disclosure == Disclosure.Aggregate) return "Aggregate";
        return disclosure == Disclosure.Deidentified ? "Deidentified" : "Identified";
    }

    function _nameOf(Assurance assurance) private pure returns (string memory) {
        return assurance == Assurance.Receipt ? "Receipt" : "Anchored";
    }

    function _nameOf(IAgreementRegistry.Capacity capacity) private pure returns (string memory) {
        if (capacity == IAgreementRegistry.Capacity.Assigner) return "Assigner";
        return capacity == IAgreementRegistry.Capacity.Assignee ? "Assignee" : "Regulator";
    }
}
