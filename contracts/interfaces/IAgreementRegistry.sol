// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { AgreementId, Assurance, DatasetId, Disclosure, ParticipantId } from "./Types.sol";

/// @title Digital contracts
/// @notice Holds the terms of each agreement in plain fields, the facts of its life with their times, and how often it was used.
interface IAgreementRegistry {
    /// @param description Digest of the dataset description that the bitmap `fields` refers to.
    /// @param purpose CURIE, at most 64 bytes.
    /// @param rows Predicate that every used row must meet, at most 512 bytes; empty for all rows.
    /// @param minCohort Fewest patients behind anything that leaves.
    /// @param maxUses Permitted requests in all; a replacing agreement goes on counting where the replaced one stopped.
    /// @param maxRows Most rows a single answer may have.
    /// @param validFrom First second of use, unix time.
    /// @param validUntil First second after use, unix time.
    /// @param policy keccak256 of the policy text, which is published when the terms are offered.
    /// @param replaces The agreement that ends when this one is finalized; zero for none.
    struct Terms {
        ParticipantId assigner;
        ParticipantId assignee;
        DatasetId dataset;
        bytes32 description;
        string purpose;
        uint256 fields;
        string rows;
        Disclosure disclosure;
        uint32 minCohort;
        uint64 maxUses;
        uint64 maxRows;
        uint48 validFrom;
        uint48 validUntil;
        Assurance assurance;
        bytes32 policy;
        AgreementId replaces;
        bytes32 salt;
    }

    /// @notice In which capacity one signs.
    enum Capacity {
        Assigner,
        Assignee,
        Regulator
    }

    /// @notice Derived from the facts; the first that applies, read from the bottom up.
    enum Status {
        Unknown,
        Offered,
        Scheduled,
        InForce,
        Suspended,
        Expired,
        Terminated
    }

    /// @param suspendedAt By capacity; zero if not suspended in that capacity.
    /// @param lineage First agreement of the chain of replacements, under which uses are counted.
    /// @param replacedBy The agreement that ended this one; zero if none.
    struct Facts {
        uint48 offeredAt;
        uint48 assignerSignedAt;
        uint48 assigneeSignedAt;
        uint48 finalizedAt;
        uint48 terminatedAt;
        uint8 approvals;
        uint48[3] suspendedAt;
        AgreementId lineage;
        AgreementId replacedBy;
    }

    /// @notice Uses of one agreement in a batch of entries.
    struct Usage {
        AgreementId agreement;
        uint64 count;
    }

    event AgreementOffered(
        AgreementId indexed id,
        ParticipantId indexed assigner,
        ParticipantId indexed assignee,
        Terms terms,
        string policy
    );
    event AgreementSigned(AgreementId indexed id, ParticipantId indexed signer, Capacity capacity, address key, bytes signature);
    event AgreementFinalized(AgreementId indexed id);
    event AgreementSuspended(AgreementId indexed id, ParticipantId indexed by, Capacity capacity, string reason);
    event AgreementReinstated(AgreementId indexed id, ParticipantId indexed by, Capacity capacity);
    event AgreementTerminated(AgreementId indexed id, ParticipantId indexed by, Capacity capacity, string reason);
    event AgreementReplaced(AgreementId indexed id, AgreementId indexed by);
    event AgreementUsed(AgreementId indexed id, uint64 count, uint64 uses);
    event ApprovalsSet(uint8 approvals);

    error AgreementExists(AgreementId id);
    error AgreementUnknown(AgreementId id);
    error AgreementUnauthorized(AgreementId id, address sender);
    error UnexpectedStatus(AgreementId id, Status current);
    error TermsPartyInvalid(ParticipantId party);
    error TermsDatasetInvalid(DatasetId dataset);
    error TermsDescriptionInvalid(bytes32 description);
    error TermsPurposeInvalid(string purpose);
    error TermsFieldsInvalid(uint256 fields);
    error TermsRowsTooLong(uint256 length);
    error TermsDisclosureInvalid(Disclosure disclosure);
    error TermsCohortTooSmall(uint32 minCohort, uint32 floor);
    error TermsLimitInvalid();
    error TermsPeriodInvalid(uint48 validFrom, uint48 validUntil);
    error TermsPolicyInvalid(bytes32 policy);
    error TermsReplacesInvalid(AgreementId replaces);
    error SignatureInvalid(AgreementId id, ParticipantId signer);
    error SignatureRepeated(AgreementId id, ParticipantId signer);
    error SignerInvalid(ParticipantId signer, Capacity capacity);
    error ApprovalsInvalid(uint8 approvals);
    error ReasonTooLong(uint256 length);
    error UsageInvalid(AgreementId id, uint64 count);
    error MeterUnauthorized(address sender);

    /// @notice Publishes terms that hold together; they bind nobody until all have signed. Relayed by anyone.
    /// @param policy The policy text, whose keccak256 stands in the terms; at most 8,192 bytes.
    function offer(Terms calldata terms, string calldata policy) external returns (AgreementId id);

    /// @notice Records the EIP-712 signature of `signer` over the whole terms in this capacity; finalizes with the last one. Relayed
    /// by anyone; the key may be an account or an ERC-1271 wallet.
    function sign(AgreementId id, Capacity capacity, ParticipantId signer, bytes calldata signature) external;

    /// @notice Stops an agreement in this block; by either party or a regulator.
    function suspend(AgreementId id, string calldata reason) external;

    /// @notice Undoes a suspension made in the sender's own capacity.
    function reinstate(AgreementId id) external;

    /// @notice Ends an agreement for good, or refuses an offer; by either party or a regulator.
    function terminate(AgreementId id, string calldata reason) external;

    /// @notice Counts uses; by the access log alone. A use beyond `maxUses` is counted as the fact it is, and the next one refused.
    function meter(ParticipantId hospital, Usage[] calldata usages) external;

    /// @notice Sets how many regulators must approve an agreement.
    function setApprovals(uint8 approvals) external;

    /// @notice Returns the id that terms have: their EIP-712 digest.
    function idOf(Terms calldata terms) external view returns (AgreementId);

    /// @notice Returns the EIP-712 digest to sign in this capacity.
    function digestToSign(AgreementId id, Capacity capacity, ParticipantId signer) external view returns (bytes32);

    /// @notice Returns the terms; all zero if unknown.
    function terms(AgreementId id) external view returns (Terms memory);

    /// @notice Returns the facts; all zero if unknown.
    function facts(AgreementId id) external view returns (Facts memory);

    /// @notice Returns the status at this block, participants and dataset included.
    function status(AgreementId id) external view returns (Status);

    /// @notice Returns the uses metered so far over the whole chain of replacements.
    function usesOf(AgreementId id) external view returns (uint64);

    /// @notice Returns how many regulators must approve agreements over this dataset.
    function approvalsFor(DatasetId dataset) external view returns (uint8);
}
