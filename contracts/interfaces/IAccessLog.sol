// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { IAgreementRegistry } from "./IAgreementRegistry.sol";
import { ParticipantId } from "./Types.sol";

/// @title The audit trail
/// @notice One append-only RFC 9162 Merkle tree (SHA-256) per gateway, computed here from the digests of its entries, which all stand
/// in calldata. A gateway that breaks the promise of a receipt is shown to have done so, and its log is stopped.
interface IAccessLog {
    struct TreeHead {
        uint64 size;
        bytes32 root;
    }

    /// @param breachedAt Time of an unacknowledged breach; zero if there is none.
    /// @param breachedIndex Index of the entry whose promise was broken.
    struct Log {
        uint64 size;
        uint64 breachedIndex;
        uint48 breachedAt;
        bytes32 root;
    }

    /// @notice A gateway's signed promise that `entry` has this index and is anchored before the deadline. One signature covers the
    /// batch `[start, start + count)`: it is the EIP-712 signature of `ReceiptBatch(gateway, start, count, root, issuedAt, deadline)`,
    /// where root is the RFC 9162 root over the digests of the batch alone, in which `path` proves `entry` at `index - start`.
    struct Receipt {
        ParticipantId gateway;
        uint64 index;
        bytes32 entry;
        uint64 start;
        uint64 count;
        uint48 issuedAt;
        uint48 deadline;
        bytes32[] path;
        bytes signature;
    }

    enum Fault {
        Late,
        Replaced,
        Equivocation
    }

    event EntriesAppended(ParticipantId indexed gateway, uint64 start, uint64 size, bytes32 root);
    event PromiseBroken(ParticipantId indexed gateway, uint64 index, Fault fault);
    event BreachAcknowledged(ParticipantId indexed gateway, uint64 index, ParticipantId indexed by);
    event NoteKeyPublished(ParticipantId indexed gateway, bytes32 key);

    error GatewayUnauthorized(address sender);
    error LogBreached(ParticipantId gateway, uint64 index);
    error LogNotBreached(ParticipantId gateway);
    error BatchStartUnexpected(ParticipantId gateway, uint64 size, uint64 start);
    error BatchSizeInvalid(uint256 entries);
    error UsesExceedEntries(uint256 uses, uint256 entries);
    error ReceiptInvalid(ParticipantId gateway, uint64 index);
    error ReceiptMalformed(uint256 length);
    error ReceiptAcknowledged(ParticipantId gateway, uint64 index);
    error ReceiptNotDue(uint48 deadline);
    error ReceiptKept(ParticipantId gateway, uint64 index);
    error HeadUnknown(ParticipantId gateway, uint64 size);
    error ProofInvalid(uint64 index);
    error AcknowledgementUnauthorized(address sender);
    error NoteKeyUnchanged(ParticipantId gateway, bytes32 key);

    /// @notice Appends the digests of 1 to 4,080 entries to the log of the gateway for which the sender acts, and meters the uses.
    /// @param start The log's current size: the same batch twice has no second effect, and a fork is impossible.
    function append(uint64 start, bytes32[] calldata entries, IAgreementRegistry.Usage[] calldata usages) external;

    /// @notice Shows that a promised entry is not anchored although its deadline has passed.
    /// @param receipt A receipt of this gateway, packed: `abi.encodePacked(entry, index, start, count, issuedAt, deadline, signature,
    /// path)` with the types of `Receipt`.
    function challengeLate(ParticipantId gateway, bytes calldata receipt) external;

    /// @notice Shows that another entry stands at a promised index, under a head that this log had.
    /// @param receipt A packed receipt.
    function challengeReplaced(
        ParticipantId gateway,
        bytes calldata receipt,
        TreeHead calldata head,
        bytes32 other,
        bytes32[] calldata path
    ) external;

    /// @notice Shows that two different entries were promised one index.
    /// @param first A packed receipt.
    /// @param second Another.
    function challengeEquivocation(ParticipantId gateway, bytes calldata first, bytes calldata second) external;

    /// @notice Lets a breached log go on; by a regulator. The broken promise stays on record and is not held against the log again.
    function acknowledge(ParticipantId gateway) external;

    /// @notice Publishes the Ed25519 key with which the gateway for which the sender acts signs heads of its log from now on, as notes
    /// (C2SP checkpoints) for tools that do not read the chain. Zero for none.
    /// @dev Warning: what the key signs decides nothing here. A note is worth what `isHead` says of its head.
    function publishNoteKey(bytes32 key) external;

    /// @notice Returns the log of a gateway; all zero if it has none.
    function log(ParticipantId gateway) external view returns (Log memory);

    /// @notice Tells whether the log had this head: the current one, or one of the last 256.
    function isHead(ParticipantId gateway, TreeHead calldata head) external view returns (bool);

    /// @notice Tells whether `entry` stands at `index` in the tree of this head (RFC 9162, 2.1.3.2).
    function verifyInclusion(
        bytes32 entry,
        uint64 index,
        TreeHead calldata head,
        bytes32[] calldata path
    ) external view returns (bool);

    /// @notice Returns the key with which a gateway signs notes; zero if it has none. Earlier ones stand in the events.
    function noteKeyOf(ParticipantId gateway) external view returns (bytes32);

    /// @notice Returns the EIP-712 digest that the signature of a receipt covers.
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);
}
