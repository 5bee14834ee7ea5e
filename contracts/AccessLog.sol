// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IAccessLog } from "./interfaces/IAccessLog.sol";
import { IAgreementRegistry } from "./interfaces/IAgreementRegistry.sol";
import { IParticipantRegistry } from "./interfaces/IParticipantRegistry.sol";
import { ParticipantId, Role } from "./interfaces/Types.sol";
import { MerkleTree } from "./libraries/MerkleTree.sol";
import { Signatures } from "./libraries/Signatures.sol";

/// @title The audit trail
contract AccessLog is IAccessLog, EIP712 {
    using MerkleTree for bytes32[64];

    // --- Types ---

    /// @dev The first five fields share one slot. After its first use no slot is new: an append only writes over.
    /// @param acknowledgedAt Time of the last acknowledgement; zero if there was none.
    /// @param batches Number of appends; it may wrap, and then the older heads are forgotten until the ring is full again.
    /// @param heads Ring of the last heads: the size over the lower 192 bits of the root, which bind as well as the whole.
    struct State {
        uint64 size;
        uint64 breachedIndex;
        uint48 breachedAt;
        uint48 acknowledgedAt;
        uint32 batches;
        bytes32 root;
        bytes32[64] frontier;
        bytes32[256] heads;
        mapping(uint64 index => bool) isAcknowledged;
    }

    // --- Constants ---

    uint256 private constant HEADS = 256;
    /// @dev A transaction pool takes at most 128 KiB.
    uint256 private constant MAX_BATCH = 4_080;
    /// @dev Time in which an acknowledged log must catch up: other late receipts do not stop it again before.
    uint48 private constant GRACE = 1 hours;
    // solhint-disable gas-small-strings
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "ReceiptBatch(bytes32 gateway,uint64 start,uint64 count,bytes32 root,uint48 issuedAt,uint48 deadline)"
    );
    // solhint-enable gas-small-strings

    // --- Immutables ---

    IParticipantRegistry private immutable PARTICIPANTS;
    IAgreementRegistry private immutable AGREEMENTS;

    // --- Storage ---

    mapping(ParticipantId gateway => State) private _states;

    // --- Constructor ---

    constructor(IParticipantRegistry participants, IAgreementRegistry agreements) EIP712("Datapact", "1") {
        PARTICIPANTS = participants;
        AGREEMENTS = agreements;
    }

    // --- External writes ---

    /// @inheritdoc IAccessLog
    /// @dev A suspended gateway still appends: what happened is never kept from the record.
    function append(uint64 start, bytes32[] calldata entries, IAgreementRegistry.Usage[] calldata usages) external {
        (ParticipantId gateway, ParticipantId hospital) = _requireGateway();
        State storage state = _states[gateway];
        if (entries.length == 0 || entries.length > MAX_BATCH) revert BatchSizeInvalid(entries.length);
        if (state.breachedAt != 0) revert LogBreached(gateway, state.breachedIndex);
        if (state.size != start) revert BatchStartUnexpected(gateway, state.size, start);
        _checkUsages(usages, entries.length);
        if (usages.length != 0) AGREEMENTS.meter(hospital, usages);

        bytes32 root = state.frontier.append(start, entries);
        uint64 size = start + uint64(entries.length);
        uint32 batches = state.batches;
        state.heads[batches % HEADS] = _pack(size, root);
        state.size = size;
        unchecked {
            state.batches = batches + 1;
        }
        state.root = root;
        emit EntriesAppended(gateway, start, size, root);
    }

    /// @inheritdoc IAccessLog
    function challengeLate(Receipt calldata receipt) external {
        State storage state = _requireChallengeable(receipt);
        if (receipt.index < state.size) revert ReceiptKept(receipt.gateway, receipt.index);
        uint48 due = receipt.deadline;
        if (state.acknowledgedAt != 0 && state.acknowledgedAt + GRACE > due) due = state.acknowledgedAt + GRACE;
        if (_now() < due) revert ReceiptNotDue(due);
        _requireSigned(receipt);

        _breach(state, receipt, Fault.Late);
    }

    /// @inheritdoc IAccessLog
    function challengeReplaced(Receipt calldata receipt, TreeHead calldata head, bytes32 other, bytes32[] calldata path) external {
        State storage state = _requireChallengeable(receipt);
        if (other == receipt.entry) revert ReceiptKept(receipt.gateway, receipt.index);
        if (!_isHead(state, head)) revert HeadUnknown(receipt.gateway, head.size);
        if (!verifyInclusion(other, receipt.index, head, path)) revert ProofInvalid(receipt.index);
        _requireSigned(receipt);

        _breach(state, receipt, Fault.Replaced);
    }

    /// @inheritdoc IAccessLog
    function challengeEquivocation(Receipt calldata first, Receipt calldata second) external {
        State storage state = _requireChallengeable(first);
        if (second.gateway != first.gateway || second.index != first.index) revert ReceiptInvalid(second.gateway, second.index);
        if (second.entry == first.entry) revert ReceiptKept(first.gateway, first.index);
        _requireSigned(first);
        _requireSigned(second);

        _breach(state, first, Fault.Equivocation);
    }

    /// @inheritdoc IAccessLog
    function acknowledge(ParticipantId gateway) external {
        ParticipantId by = PARTICIPANTS.principalOf(msg.sender);
        if (!PARTICIPANTS.isActive(by, Role.Regulator)) revert AcknowledgementUnauthorized(msg.sender);
        State storage state = _states[gateway];
        if (state.breachedAt == 0) revert LogNotBreached(gateway);

        uint64 index = state.breachedIndex;
        state.breachedIndex = 0;
        state.breachedAt = 0;
        state.acknowledgedAt = _now();
        state.isAcknowledged[index] = true;
        emit BreachAcknowledged(gateway, index, by);
    }

    // --- External reads ---

    /// @inheritdoc IAccessLog
    function log(ParticipantId gateway) external view returns (Log memory) {
        State storage state = _states[gateway];
        return Log(state.size, state.breachedIndex, state.breachedAt, state.root);
    }

    /// @inheritdoc IAccessLog
    function isHead(ParticipantId gateway, TreeHead calldata head) external view returns (bool) {
        return _isHead(_states[gateway], head);
    }

    /// @inheritdoc IAccessLog
    /// @dev Reverts if the receipt's path cannot belong to its index: such a receipt has no digest.
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32) {
        return _receiptDigest(receipt);
    }

    /// @inheritdoc IAccessLog
    function verifyInclusion(
        bytes32 entry,
        uint64 index,
        TreeHead calldata head,
        bytes32[] calldata path
    ) public pure returns (bool) {
        (bool isPath, bytes32 root) = MerkleTree.rootOf(entry, index, head.size, path);
        return isPath && root == head.root;
    }

    // --- Internal ---

    function _breach(State storage state, Receipt calldata receipt, Fault fault) private {
        state.breachedIndex = receipt.index;
        state.breachedAt = _now();
        emit PromiseBroken(receipt.gateway, receipt.index, fault, receipt.entry);
    }

    function _requireGateway() private view returns (ParticipantId gateway, ParticipantId hospital) {
        IParticipantRegistry.Key memory key = PARTICIPANTS.keyRecord(msg.sender);
        gateway = key.participant;
        // Only a gateway has a hospital.
        if (key.validFrom <= _now() && _now() < key.validUntil) hospital = PARTICIPANTS.participant(gateway).hospital;
        if (hospital == ParticipantId.wrap(0)) revert GatewayUnauthorized(msg.sender);
    }

    function _requireChallengeable(Receipt calldata receipt) private view returns (State storage state) {
        state = _states[receipt.gateway];
        if (state.breachedAt != 0) revert LogBreached(receipt.gateway, state.breachedIndex);
        if (state.acknowledgedAt != 0 && state.isAcknowledged[receipt.index]) {
            revert ReceiptAcknowledged(receipt.gateway, receipt.index);
        }
    }

    /// @dev Takes accounts' signatures only: a wallet could deny later what it signed.
    function _requireSigned(Receipt calldata receipt) private view {
        address key = Signatures.recover(_receiptDigest(receipt), receipt.signature);
        bool isSigned = key != address(0) && PARTICIPANTS.isKeyOf(key, receipt.gateway, receipt.issuedAt);
        if (!isSigned) revert ReceiptInvalid(receipt.gateway, receipt.index);
    }

    function _receiptDigest(Receipt calldata receipt) private view returns (bytes32) {
        (uint64 index, uint64 start, uint64 count) = (receipt.index, receipt.start, receipt.count);
        if (index < start) revert ReceiptInvalid(receipt.gateway, index);
        (bool isPath, bytes32 root) = MerkleTree.rootOf(receipt.entry, index - start, count, receipt.path);
        if (!isPath) revert ReceiptInvalid(receipt.gateway, index);
        return
            _hashTypedDataV4(
                keccak256(abi.encode(RECEIPT_TYPE, receipt.gateway, start, count, root, receipt.issuedAt, receipt.deadline))
            );
    }

    function _isHead(State storage state, TreeHead calldata head) private view returns (bool) {
        if (head.size == 0) return false;
        if (head.size == state.size) return head.root == state.root;
        // The ring is sorted by size from its oldest head on.
        uint256 newest = state.batches;
        uint256 low = newest > HEADS ? newest - HEADS : 0;
        uint256 high = newest;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            uint256 size = uint256(state.heads[middle % HEADS]) >> 192;
            if (size < head.size) low = middle + 1;
            else high = middle;
        }
        return low < newest && state.heads[low % HEADS] == _pack(head.size, head.root);
    }

    function _pack(uint64 size, bytes32 root) private pure returns (bytes32) {
        return bytes32((uint256(size) << 192) | uint192(uint256(root)));
    }

    /// @dev Every use has an entry of its own.
    function _checkUsages(IAgreementRegistry.Usage[] calldata usages, uint256 entries) private pure {
        uint256 uses = 0;
        for (uint256 i = 0; i < usages.length; ++i) uses += usages[i].count;
        if (uses > entries) revert UsesExceedEntries(uses, entries);
    }

    function _now() private view returns (uint48) {
        return uint48(block.timestamp);
    }
}
